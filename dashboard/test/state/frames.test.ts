import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { byPicture, collector, paced } from "../../src/state/frames.js";

const LEAST_MS = 100;
const PICTURE_MS = 16;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what is heard", () => {
  it("is handed on at once after a pause, and else no more often than the page can be read; all of it, in order", () => {
    const taken: { at: number; items: number[] }[] = [];
    const began = Date.now();
    const hear = collector<number>(paced((run) => setTimeout(run, PICTURE_MS), LEAST_MS, Date.now), (items) => taken.push({ at: Date.now() - began, items }));
    for (let ms = 0; ms < 1_000; ms += 1) {
      hear(ms);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(1_000);
    expect(taken[0]?.at).toBe(PICTURE_MS);
    expect(taken.flatMap(({ items }) => items)).toEqual(Array.from({ length: 1_000 }, (_, ms) => ms));
    for (const [before, after] of taken.slice(1).map((one, at) => [taken[at]?.at ?? 0, one.at] as const)) {
      expect(after - before).toBeGreaterThanOrEqual(LEAST_MS);
    }
    const quiet = Date.now();
    hear(0);
    vi.advanceTimersByTime(PICTURE_MS);
    expect(taken.at(-1)?.at).toBe(quiet - began + PICTURE_MS);
  });
});

describe("a picture", () => {
  let promised: Map<number, () => void>;

  beforeEach(() => {
    promised = new Map();
    vi.stubGlobal("requestAnimationFrame", (run: () => void) => {
      promised.set(promised.size + 1, run);
      return promised.size;
    });
    vi.stubGlobal("cancelAnimationFrame", (number: number) => promised.delete(number));
  });

  it("that comes is when things are handed on, once", () => {
    const run = vi.fn();
    byPicture(run);
    promised.get(1)?.();
    vi.advanceTimersByTime(10_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("that was promised to a page which then went into the background holds nothing up", () => {
    const taken: number[] = [];
    const hear = collector<number>(byPicture, (items) => taken.push(...items));
    for (let ms = 0; ms < 3_000; ms += 1) {
      hear(ms);
      vi.advanceTimersByTime(1);
    }
    expect(taken.length).toBeGreaterThan(2_000);
    expect(promised.size).toBeLessThan(2);
  });
});
