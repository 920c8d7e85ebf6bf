/** Where a token's curve was completed and where it went to its pool, on the candles of a chart. */
import type { LiveCandle } from "../stream/merge.js";
import type { LifecycleEvent } from "../types.js";
import { type Resolution, secondsOf, startOf } from "./candles.js";

export interface Mark {
  id: string;
  kind: "complete" | "migrate";
  /** Unix seconds of the candle that carries it. */
  time: number;
}

/**
 * Marks of what lies within the candles: each at the last candle that begins before it, oldest first.
 * What came before the first candle is not marked, since its place is not shown.
 */
export function marksOf(events: readonly LifecycleEvent[], candles: readonly LiveCandle[], resolution: Resolution): Mark[] {
  const first = candles[0];
  if (!first) return [];
  const known = events.filter((one) => !one.retracted && one.kind !== "launch");
  return known
    .toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))
    .flatMap(({ id, kind, time }) => {
      const at = Date.parse(time) / 1000;
      if (at < startOf(first)) return [];
      const interval = at - (at % secondsOf(resolution));
      const carrier = candles.findLast((one) => startOf(one) <= interval);
      return carrier ? [{ id, kind: kind as Mark["kind"], time: startOf(carrier) }] : [];
    });
}
