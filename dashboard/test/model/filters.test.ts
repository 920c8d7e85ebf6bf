import { describe, expect, it } from "vitest";
import { boardQuery, changed, filtersOf, liveFilters, sortOf, windowOf } from "../../src/model/filters.js";
import { heldOrder } from "../../src/model/held.js";
import type { Token } from "../../src/model/types.js";

const search = (text: string) => new URLSearchParams(text);

describe("the address bar", () => {
  it("has the filters, and what makes no sense in it is left out", () => {
    expect(filtersOf(search("launchpad=believe&minMarketCap=0.5&maxAge=x&minHolders=-1&unknown=1&q=%20cat%20"))).toEqual({
      launchpad: "believe", minMarketCap: "0.5", q: "cat",
    });
  });

  it("keeps what a change does not name", () => {
    expect(changed(search("a=1&b=2"), { b: null, c: "3" }).toString()).toBe("a=1&c=3");
  });

  it("falls back to what is usual", () => {
    expect([windowOf(search("window=7h")), sortOf(search("sortBy=nothing"))]).toEqual(["24h", { sortBy: "volume24h", sortOrder: "desc" }]);
  });
});

describe("a board with filters", () => {
  it("is live where the live board can apply all of them", () => {
    expect(liveFilters({ launchpad: "believe", hasPost: "true" })).toEqual({ launchpad: "believe", hasPost: true });
    expect(liveFilters({ launchpad: "believe", minHolders: "5" })).toBeNull();
  });

  it("is asked of REST in its own stage and order, whatever the address says", () => {
    expect(boardQuery("graduated", { stage: "bonding", q: "cat" }, 100)).toEqual({
      stage: "completed,migrated", sortBy: "completedAt", q: "cat", limit: 100,
    });
  });
});

describe("an order that is held", () => {
  const token = (mint: string, version = 1) => ({ mint, version }) as Token;
  const before = [token("a"), token("b"), token("c")];

  it("stays, with every token as it is now, and counts what it does not show", () => {
    const now = [token("d"), token("b", 2), token("a", 3)];
    expect(heldOrder(now, before, true)).toEqual({ shown: [token("a", 3), token("b", 2), token("c")], news: 1, hasMoved: true });
  });

  it("is the board's own when nobody reads", () => {
    expect(heldOrder([token("b")], before, false)).toEqual({ shown: [token("b")], news: 0, hasMoved: false });
  });
});
