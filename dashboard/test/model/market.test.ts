import { describe, expect, it } from "vitest";
import { categoriesOf, delaysOf, funnelOf, hoursOf } from "../../src/model/market/cohort.js";
import { marketsOf, type MarketFigures } from "../../src/model/market/stats.js";
import type { Stats, Token } from "../../src/model/types.js";

const figure = (launchpad: string, quoteMint: string, window: string, volume: string | null, trades: number): MarketFigures =>
  ({ launchpad, quoteMint, window, volume, trades, launches: 1, graduations: 0, buys: trades, sells: 0 });

describe("the market by window", () => {
  const stats = {
    asOf: null,
    items: [
      figure("a", "sol", "24h", "0.1", 3), figure("b", "sol", "24h", "0.2", 4), figure("c", "usd", "24h", "1000", 1),
      figure("d", "sol", "24h", null, 0), figure("a", "sol", "5m", "9", 9),
    ],
  } as Stats;

  it("is added up exactly within a quote token, and never across them", () => {
    const markets = marketsOf(stats, "24h");
    expect(markets.map(({ quoteMint, volume, trades, launches }) => [quoteMint, volume, trades, launches]))
      .toEqual([["sol", "0.3", 7, 3], ["usd", "1000", 1, 1]]);
    expect(markets[0]?.rows.map(({ launchpad }) => launchpad)).toEqual(["b", "a", "d"]);
  });
});

const token = (change: object) =>
  ({ stage: "bonding", progress: 0, windows: {}, project: null, quote: { symbol: "SOL" }, post: { status: "none" }, ...change }) as Token;

describe("the launches of a day", () => {
  it("get fewer at each step of the funnel", () => {
    const windows = { "24h": { traders: 2, volume: "1" } };
    const tokens = [
      token({}), token({ windows }), token({ progress: 0.5, windows }), token({ stage: "completed", progress: 1 }),
      token({ stage: "migrated", progress: null }),
    ];
    expect(funnelOf(tokens)).toEqual({ launched: 5, traded: 4, halfway: 3, completed: 2, migrated: 1 });
  });

  it("are counted in the hour of the chain's time, those of other hours not at all", () => {
    const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 8, 21, hour, minute)).toISOString();
    const tokens = [token({ launchedAt: at(10) }), token({ launchedAt: at(10, 59), completedAt: at(12) }), token({ launchedAt: at(9, 59) })];
    const hours = hoursOf(tokens, Date.UTC(2026, 8, 21, 12, 30), 3);
    expect(hours.map(({ launches, completed }) => [launches, completed])).toEqual([[2, 0], [0, 0], [0, 1]]);
  });

  it("by category are added exactly, apart for each quote token", () => {
    const of = (category: string | null, volume: string, symbol = "SOL") =>
      token({ project: category && { category }, quote: { symbol }, windows: { "24h": { volume, traders: 1 } } });
    const rows = categoriesOf([of("ai", "0.1"), of("ai", "0.2"), of("ai", "5", "USDC"), of(null, "1")], "24h");
    expect(rows.map(({ category, quote, launches, volume }) => [category, quote, launches, volume]))
      .toEqual([["ai", "SOL", 2, "0.3"], ["ai", "USDC", 1, "5"], [null, "SOL", 1, "1"]]);
  });

  it("follow their posts after a delay: each is in one bin, and only matched posts count", () => {
    const delays = [-4_000, 0, 1_999, 2_000, 90_000, 300_000];
    const tokens = delays.map((delayMs) => token({ post: { status: "matched", delayMs } }));
    const found = delaysOf([...tokens, token({ post: { status: "ambiguous", delayMs: 5 } })]);
    expect(found?.bins.map(({ upTo, count }) => [upTo, count]))
      .toEqual([[0, 1], [2_000, 2], [5_000, 1], [10_000, 0], [30_000, 0], [60_000, 0], [300_000, 1], [null, 1]]);
    expect([found?.count, found?.median, found?.least, found?.most]).toEqual([6, 1_999, -4_000, 300_000]);
    expect(delaysOf([])).toBeNull();
  });
});
