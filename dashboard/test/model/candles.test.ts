import { describe, expect, it } from "vitest";
import type { LiveCandle } from "../../src/model/stream/merge.js";
import {
  CANDLES_HELD, drawable, held, mergedCandles, resolutionFor, RESOLUTIONS, secondsOf, startOf, stepTo, withLive, withPage,
} from "../../src/model/token/candles.js";
import { marksOf } from "../../src/model/token/marks.js";
import type { LifecycleEvent } from "../../src/model/types.js";
import { recorded } from "../recorded.js";

/** Numbers without a seed would fail differently each time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const timeOf = (minute: number) => new Date(Date.UTC(2026, 8, 21) + minute * 60_000).toISOString().replace(".000", "");

/** A candle of a minute; none was traded where `trades` is 0. */
function candle(minute: number, rev: number, trades = 1): LiveCandle {
  const price = trades ? `0.0000${minute + 1}${rev}` : null;
  return { time: timeOf(minute), open: price, high: price, low: price, close: price, volume: "1", trades, rev, final: false };
}

/** One that a server told: at some of its revisions, its only trade was taken back. */
const told = (minute: number, rev: number) => candle(minute, rev, (minute + rev) % 8 ? 1 : 0);

/** Merging as anybody would write it who has time: the newest of each time, sorted. */
function brute(lists: readonly (readonly LiveCandle[])[]): LiveCandle[] {
  const newest = new Map<string, LiveCandle>();
  for (const one of lists.flat()) {
    const known = newest.get(one.time);
    if (!known || (one.rev ?? 0) >= (known.rev ?? 0)) newest.set(one.time, one);
  }
  return [...newest.values()].sort((one, other) => startOf(one) - startOf(other));
}

/** What a chart of lightweight-charts takes, and refuses. */
class Chart {
  bars: LiveCandle[] = [];
  wholes = 0;
  setData(candles: readonly LiveCandle[]): void {
    candles.forEach((one, at) => {
      if (at && startOf(one) <= startOf(candles[at - 1] as LiveCandle)) throw new Error("data must be asc ordered by time");
    });
    this.bars = [...candles];
    this.wholes += 1;
  }
  update(one: LiveCandle): void {
    const last = this.bars.at(-1);
    if (last && startOf(one) < startOf(last)) throw new Error("Cannot update oldest data");
    if (last?.time === one.time) this.bars.pop();
    this.bars.push(one);
  }
  follow(drawn: readonly LiveCandle[], next: readonly LiveCandle[]): void {
    const step = stepTo(drawn, next);
    if (step.kind === "all") this.setData(step.candles);
    if (step.kind === "update") for (const one of step.candles) this.update(one);
  }
}

describe("candles as one series", () => {
  it("are, whatever their order and however often they come, the newest of each time", () => {
    const next = chance(1);
    for (let round = 0; round < 300; round += 1) {
      const list = () => Array.from({ length: next(12) }, () => candle(next(9), next(4)));
      const [known, coming] = [list(), list()];
      expect(mergedCandles(known, coming).map(({ time, rev }) => [time, rev]))
        .toEqual(brute([known, coming]).map(({ time, rev }) => [time, rev]));
    }
  });

  it("of a live feed and pages, late, twice and out of order, leave the chart with what is newest of each, and never refuse it", () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const next = chance(seed);
      const chart = new Chart();
      const heard: LiveCandle[][] = [];
      let series: readonly LiveCandle[] = [];
      let drawn: readonly LiveCandle[] = [];
      let live: readonly LiveCandle[] = brute([Array.from({ length: 6 }, (_, at) => candle(100 + at, 1))]);
      for (let step = 0; step < 120; step += 1) {
        const minute = 100 + Math.floor(step / 4) - next(5);
        if (next(4)) {
          // A message: the newest interval, an older one, or one that lost its only trade.
          const rev = next(step + 2);
          live = brute([live, [told(minute, rev)]]);
          // What does not reach it is forgotten: nobody knows what was between them.
          if (heard.flat().every(({ time }) => time < (live[0]?.time ?? ""))) heard.length = 0;
          heard.push([...live]);
          series = withLive(series, live);
        } else {
          const to = next(3) && series[0] ? series[0].time : null;
          const first = to === null ? minute - 8 : 100 - next(40) - 10;
          const page = Array.from({ length: 8 }, (_, at) => told(first + at, 0)).filter(({ time }) => to === null || time < to);
          const before = series;
          series = withPage(series, page, to);
          if (series !== before) heard.push(page);
        }
        const shown = drawable(series);
        chart.follow(drawn, shown);
        drawn = shown;
        heard.splice(0, heard.length, brute(heard));
        const wanted = drawable(heard.flat()).map(({ time, rev }) => [time, rev]);
        expect(chart.bars.map(({ time, rev }) => [time, rev])).toEqual(wanted);
      }
    }
  });

  it("begin anew where a snapshot does not reach what is known: candles between them are missing", () => {
    const known = [candle(1, 1), candle(2, 1)];
    expect(withLive(known, [candle(5, 1), candle(6, 1)]).map(startOf)).toEqual([candle(5, 1), candle(6, 1)].map(startOf));
    expect(withLive(known, [candle(2, 1), candle(6, 1)])).toHaveLength(3);
  });

  it("leave out an older page that was asked for before they began anew", () => {
    const anew = [candle(50, 1)];
    expect(withPage(anew, [candle(1, 1), candle(2, 1)], timeOf(3))).toBe(anew);
    expect(withPage(anew, [candle(48, 1)], timeOf(50))).toHaveLength(2);
  });

  it("of one interval after another are drawn bar by bar, not as a whole each time", () => {
    const chart = new Chart();
    let drawn: readonly LiveCandle[] = [];
    for (let minute = 0; minute < 50; minute += 1) {
      const next = mergedCandles(drawn, [candle(minute, 1)]);
      chart.follow(drawn, next);
      drawn = next;
    }
    expect([chart.bars.length, chart.wholes]).toEqual([50, 1]);
  });

  it("do not become more and more while they are only looked at: the oldest are let go, and no other", () => {
    const day = Array.from({ length: 2 * CANDLES_HELD }, (_, minute) => candle(minute, 1));
    let known: readonly LiveCandle[] = [];
    let redrawn = 0;
    for (const at of day.keys()) {
      const next = held(withLive(known, day.slice(Math.max(0, at - 1), at + 1)), CANDLES_HELD);
      if (stepTo(known, next).kind === "all") redrawn += 1;
      known = next;
      expect(known.length).toBeLessThan(1.25 * CANDLES_HELD);
    }
    expect(known).toEqual(day.slice(-known.length));
    expect(redrawn).toBeLessThan(10);
  });

  it("of a real server, as it said them, never make a chart refuse", () => {
    const chart = new Chart();
    let series: readonly LiveCandle[] = [];
      let drawn: readonly LiveCandle[] = [];
    for (const message of recorded().connections.flat()) {
      if (message.channel !== "candles") continue;
      const live = message.type === "snapshot" ? (message.data as { items: LiveCandle[] }).items : message.type === "candle" ? [message.data as LiveCandle] : [];
      series = mergedCandles(series, live);
      chart.follow(drawn, drawable(series));
      drawn = drawable(series);
    }
    expect(chart.bars.length).toBeGreaterThan(0);
    expect(chart.bars).toEqual(drawn);
  });
});

describe("resolutions", () => {
  it("at first show a token's whole life in some hundred candles", () => {
    for (const resolution of RESOLUTIONS.slice(0, -1)) {
      const life = secondsOf(resolution) * 400 * 1000;
      expect(resolutionFor(new Date(0).toISOString(), life)).toBe(resolution);
      expect(resolutionFor(new Date(0).toISOString(), life + 1000)).not.toBe(resolution);
    }
  });
});

describe("marks", () => {
  const event = (id: string, kind: LifecycleEvent["kind"], time: string, retracted = false) => ({ id, kind, time, retracted }) as LifecycleEvent;
  const candles = [candle(10, 1), candle(11, 1), candle(20, 1)];

  it("are at the candle in whose interval it happened, else at the last one before it", () => {
    const events = [event("b", "migrate", timeOf(15).replace(":00Z", ":30Z")), event("a", "complete", timeOf(11).replace(":00Z", ":59Z"))];
    expect(marksOf(events, candles, "1m").map(({ id, time }) => [id, time]))
      .toEqual([["a", startOf(candle(11, 1))], ["b", startOf(candle(11, 1))]]);
  });

  it("leave out launches, what was retracted, and what came before the first candle that is shown", () => {
    const events = [event("a", "launch", timeOf(11)), event("b", "complete", timeOf(11), true), event("c", "complete", timeOf(9))];
    expect(marksOf(events, candles, "1m")).toEqual([]);
  });
});
