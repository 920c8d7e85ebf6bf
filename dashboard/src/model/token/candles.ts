/** Candles of pages and of the live feed as one series, and how a chart is brought up to it. */
import type { LiveCandle } from "../stream/merge.js";

export const RESOLUTIONS = ["1s", "5s", "15s", "30s", "1m", "5m", "15m", "30m", "1h", "4h", "1d"] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

const SECONDS: Record<Resolution, number> = {
  "1s": 1, "5s": 5, "15s": 15, "30s": 30, "1m": 60, "5m": 300, "15m": 900, "30m": 1_800,
  "1h": 3_600, "4h": 14_400, "1d": 86_400,
};

export function secondsOf(resolution: Resolution): number {
  return SECONDS[resolution];
}

/** A resolution in which the time since *launchedAt* is some hundred candles. */
export function resolutionFor(launchedAt: string | null | undefined, now: number): Resolution {
  if (!launchedAt) return "1m";
  const seconds = Math.max(0, now - Date.parse(launchedAt)) / 1000;
  return RESOLUTIONS.find((one) => seconds / SECONDS[one] <= CANDLES_WANTED) ?? "1d";
}

const CANDLES_WANTED = 400;

/** Unix seconds at which a candle's interval begins. */
export function startOf(candle: LiveCandle): number {
  return Date.parse(candle.time) / 1000;
}

/**
 * Both series as one, oldest first, one candle for each time: of two, the one of the higher `rev`,
 * of equals the one of *coming*. Either may be in any order and may have a time more than once.
 */
export function mergedCandles(known: readonly LiveCandle[], coming: readonly LiveCandle[]): readonly LiveCandle[] {
  const [before, after] = [inOrder(known), inOrder(coming)];
  const all: LiveCandle[] = [];
  for (let at = 0, next = 0; at < before.length || next < after.length; ) {
    const [one, other] = [before[at], after[next]];
    if (one && other && one.time === other.time) {
      all.push(newerOf(one, other));
      at += 1;
      next += 1;
    } else if (one && (!other || one.time < other.time)) {
      all.push(one);
      at += 1;
    } else if (other) {
      all.push(other);
      next += 1;
    }
  }
  return all;
}

/** The series with what is live now; it begins anew where the two do not touch, for then some are missing. */
export function withLive(known: readonly LiveCandle[], live: readonly LiveCandle[]): readonly LiveCandle[] {
  const [newest, oldest] = [known.at(-1), live[0]];
  if (newest && oldest && oldest.time > newest.time) return mergedCandles([], live);
  return mergedCandles(known, live);
}

/**
 * The series with a page that was asked for as what comes before *to*, null: as the newest. A page that
 * does not reach the series, since that began anew in the meantime, is left out.
 */
export function withPage(known: readonly LiveCandle[], page: readonly LiveCandle[], to: string | null): readonly LiveCandle[] {
  const [oldest, newest] = [known[0], page.at(-1)];
  if (!oldest) return to === null ? mergedCandles([], page) : known;
  if (!newest) return known;
  const reaches = to === null ? newest.time >= oldest.time : oldest.time <= to;
  return reaches ? mergedCandles(page, known) : known;
}

/** As many as anybody looks at while they become more by themselves; older ones are had by looking back. */
export const CANDLES_HELD = 1_000;
/** Letting go of some draws all anew, so it is done for so many at a time. */
const AT_A_TIME = 200;

/** The newest *most* of a series that has become so much longer; else the series as it is. */
export function held(candles: readonly LiveCandle[], most: number): readonly LiveCandle[] {
  return candles.length > most + AT_A_TIME ? candles.slice(-most) : candles;
}

/** Times are of one form, so that they sort as texts; the same list where it is in order already. */
function inOrder(candles: readonly LiveCandle[]): readonly LiveCandle[] {
  if (candles.every((one, at) => at === 0 || (candles[at - 1] as LiveCandle).time < one.time)) return candles;
  const byTime = new Map<string, LiveCandle>();
  for (const one of candles) {
    const known = byTime.get(one.time);
    byTime.set(one.time, known ? newerOf(known, one) : one);
  }
  return [...byTime.values()].sort((one, other) => (one.time < other.time ? -1 : 1));
}

function newerOf(known: LiveCandle, coming: LiveCandle): LiveCandle {
  return (coming.rev ?? 0) < (known.rev ?? 0) ? known : coming;
}

/** What can be drawn: a retracted trade may leave a candle with nothing in it. */
export function drawable(candles: readonly LiveCandle[]): readonly LiveCandle[] {
  return candles.filter((one) => one.trades > 0 && one.open !== null && one.close !== null);
}

/**
 * How a chart that shows one series comes to show another. `update` has only the last candle shown,
 * replaced, and newer ones, oldest first: charts refuse to change any other, so all else is `all`.
 */
export type Step =
  | { kind: "none" }
  | { kind: "update"; candles: readonly LiveCandle[] }
  | { kind: "all"; candles: readonly LiveCandle[] };

/** Both series are in order; candles that did not change are the same objects, or are taken as changed. */
export function stepTo(drawn: readonly LiveCandle[], next: readonly LiveCandle[]): Step {
  if (drawn === next) return { kind: "none" };
  const last = drawn.length - 1;
  if (last < 0) return next.length ? { kind: "all", candles: next } : { kind: "none" };
  const isKept = next.length > last && drawn.every((one, at) => at === last || one === next[at]);
  if (!isKept || drawn[last]?.time !== next[last]?.time) return { kind: "all", candles: next };
  const candles = next.slice(drawn[last] === next[last] ? last + 1 : last);
  return candles.length ? { kind: "update", candles } : { kind: "none" };
}
