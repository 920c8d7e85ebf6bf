import { describe, expect, it } from "vitest";
import { minus, shareOf, sum, times } from "../../src/model/decimal.js";
import { type Arc, pathOf, pointAt } from "../../src/model/token/arc.js";
import { distribution } from "../../src/model/token/holders.js";
import { signalsOf } from "../../src/model/token/signals.js";
import { isJoined, newsOf, tradesOf } from "../../src/model/token/trades.js";
import type { Holder, Token, Trade } from "../../src/model/types.js";

describe("exact decimals", () => {
  it("add, subtract and multiply as whole numbers of their smallest unit do", () => {
    expect(sum(["0.1", "0.2", "900719925474099.3", "-0.6"])).toBe("900719925474099");
    expect(minus("60", "36.592065041")).toBe("23.407934959");
    expect(minus("0.1", "0.3")).toBe("-0.2");
    // The price and supply of a token, and the market cap that the API answered for it.
    expect(times("0.000000246535318020754620529", "753865692.295287").slice(0, 18)).toBe("185.85451819495492");
    expect(times("-0.5", "0.02")).toBe("-0.01");
    expect([shareOf("1", "3"), shareOf("5", "0")]).toEqual([0.333333, 0]);
  });
});

describe("the picture of a curve", () => {
  const arc: Arc = { centre: { x: 100, y: 96 }, radius: 80 };

  it("is a half circle: each point is as far from the centre, and its angle grows with its share", () => {
    let before = Infinity;
    for (let share = 0; share <= 1; share += 0.05) {
      const { x, y } = pointAt(arc, share);
      const angle = Math.atan2(arc.centre.y - y, x - arc.centre.x);
      expect(Math.hypot(x - arc.centre.x, y - arc.centre.y)).toBeCloseTo(arc.radius, 9);
      expect(angle).toBeCloseTo(Math.PI * (1 - share), 9);
      expect(angle).toBeLessThan(before);
      before = angle;
    }
  });

  it("begins on the left, ends on the right, and shares beyond are its ends", () => {
    expect(pathOf(arc, 0, 1)).toBe("M 20.00 96.00 A 80 80 0 0 1 180.00 96.00");
    expect(pathOf(arc, -1, 7)).toBe(pathOf(arc, 0, 1));
    expect(pathOf(arc, 0, 0.5)).toMatch(/ 100\.00 16\.00$/);
  });
});

describe("trades of the live feed and of pages", () => {
  const trade = (at: number, retracted = false) => ({ id: `t${at}`, sortKey: String(at).padStart(6, "0"), retracted }) as Trade;
  const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, at) => trade(from - at));
  const ids = (trades: readonly Trade[]) => trades.map(({ sortKey }) => Number(sortKey));

  it("are one list without a trade twice or missing, newest first", () => {
    expect(ids(tradesOf(down(90, 40), down(70, 10)))).toEqual(ids(down(90, 10)));
  });

  it("follow the live feed within its span: what it took back, a page does not bring again", () => {
    const live = down(90, 40).filter(({ id }) => id !== "t60");
    expect(ids(tradesOf(live, down(70, 10)))).not.toContain(60);
    expect(ids(tradesOf(live, [...down(70, 31), trade(30, true), ...down(29, 10)]))).not.toContain(30);
  });

  it("leave pages out that do not reach the live ones any more", () => {
    expect(isJoined(down(900, 400), down(300, 200))).toBe(false);
    expect(ids(tradesOf(down(900, 400), down(300, 200)))).toEqual(ids(down(900, 400)));
    expect(ids(tradesOf([], down(30, 20)))).toEqual(ids(down(30, 20)));
  });

  it("say how many came while a list rests, also where the first that is shown was taken back or has gone", () => {
    expect(newsOf(down(90, 40), down(90, 40))).toBe(0);
    expect(newsOf(down(90, 40), down(97, 47))).toBe(7);
    expect(newsOf(down(90, 40), down(97, 47).filter(({ id }) => id !== "t90"))).toBe(7);
    expect(newsOf(down(90, 40), down(900, 850))).toBe(51);
    expect(newsOf([], down(30, 20))).toBe(11);
  });
});

describe("the distribution of holders", () => {
  const holders = (shares: number[]) => shares.map((share, at) => ({ address: `a${at}`, amount: "1", share }) as Holder);
  const token = (baseReserve: string | null) => ({ supply: "1000", curve: { baseReserve } }) as Token;

  it("is the whole supply: its parts are 1 together, by rank", () => {
    const parts = distribution(holders([0.2, ...Array.from({ length: 60 }, () => 0.005)]), token("400"));
    expect(parts.reduce((total, { share }) => total + share, 0)).toBeCloseTo(1, 9);
    expect(Object.fromEntries(parts.map(({ name, share }) => [name, Number(share.toFixed(9))])))
      .toEqual({ curve: 0.4, top1: 0.2, top10: 0.045, top50: 0.2, top100: 0.055, others: 0.1 });
  });

  it("has no parts where nothing is known, and none of nothing", () => {
    expect(distribution([], token("400"))).toEqual([]);
    expect(distribution(holders([1]), token(null)).map(({ name }) => name)).toEqual(["top1"]);
  });
});

describe("signals", () => {
  const token = (change: object) => ({ top10Share: 0.2, creatorShare: 0, project: null, post: { status: "none" }, links: { website: "https://a" }, ...change }) as Token;
  const warned = (one: Token, creator: Parameters<typeof signalsOf>[1] = null) =>
    signalsOf(one, creator).filter(({ isWarning }) => isWarning).map(({ name }) => name);

  it("warn from their bounds on, and say nothing of what is not known", () => {
    expect(warned(token({}))).toEqual([]);
    expect(warned(token({ top10Share: 0.5, creatorShare: 0.1, project: { spam: { score: 0.4, reasons: ["giveaway"] } }, post: { status: "ambiguous" } })))
      .toEqual(["top10", "creatorHolds", "spam", "post"]);
    expect(signalsOf(token({ top10Share: null, creatorShare: null }), null)).toEqual([]);
  });

  it("warn of a creator who completed none of several launches", () => {
    const creator = (launches: number, completed: number) => ({ address: "a", launches, completed, migrated: 0, firstLaunchAt: null, lastLaunchAt: null });
    expect([warned(token({}), creator(3, 0)), warned(token({}), creator(3, 1)), warned(token({}), creator(2, 0))]).toEqual([["creatorLaunches"], [], []]);
  });
});
