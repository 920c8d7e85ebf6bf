import { describe, expect, it } from "vitest";
import { NAME_MOST, type SavedView, savedViews, viewOf, VIEWS_MOST, withoutView, withView } from "../../src/model/views.js";

const view = (name: string, path: SavedView["path"] = "/", search = "launchpad=believe"): SavedView => ({ name, path, search });

describe("a saved view", () => {
  it("is filters, window and sorting, however the address was written; which board a phone shows is none of it", () => {
    const one = viewOf(new URLSearchParams("window=1h&launchpad=believe&board=new&sortBy=holders&minHolders=50&sortBy=price&x=1"));
    expect(one).toBe("launchpad=believe&minHolders=50&sortBy=holders&window=1h");
    expect(viewOf(new URLSearchParams(`?${one}`))).toBe(one);
    expect(viewOf(new URLSearchParams("window=7h&sortBy=luck&board=new"))).toBe("");
  });

  it("replaces the one of its name on its page, and no other", () => {
    const views = [view("a"), view("a", "/browse"), view("b")];
    const next = withView(views, view(" a ", "/", "q=cat"));
    expect(next).toEqual([view("a", "/", "q=cat"), view("a", "/browse"), view("b")]);
    expect(withoutView(next, view("a"))).toEqual([view("a", "/browse"), view("b")]);
    expect(withView(views, view("  "))).toBe(views);
  });

  it("is kept only as what it can be: storage may hold anything", () => {
    const odd = [null, 5, { name: "a" }, { name: "a", path: "/evil", search: "" }, view("a", "/", "q=cat&x=<script>"), view("n".repeat(99))];
    expect(savedViews(odd)).toEqual([view("a", "/", "q=cat"), view("n".repeat(NAME_MOST))]);
    expect(savedViews({})).toEqual([]);
    const many = Array.from({ length: 99 }, (_, at) => view(`v${at}`));
    expect(savedViews(many)).toHaveLength(VIEWS_MOST);
    expect(withView(savedViews(many), view("new"))).toHaveLength(VIEWS_MOST);
  });
});
