/** What became of the tokens that were launched lately: funnel, categories, hours, delays of posts. */
import { compare, sum } from "../decimal.js";
import type { Decimal, Token, Window } from "../types.js";

export interface Funnel {
  launched: number;
  /** More than one trader within the last day. */
  traded: number;
  halfway: number;
  completed: number;
  migrated: number;
}

/** How far the tokens came; each step is within the one before it. */
export function funnelOf(tokens: readonly Token[]): Funnel {
  const count = (holds: (token: Token) => boolean) => tokens.filter(holds).length;
  const isCompleted = ({ stage }: Token) => stage !== "bonding";
  const isHalfway = (one: Token) => isCompleted(one) || (one.progress ?? 0) >= 0.5;
  return {
    launched: tokens.length,
    traded: count((one) => isHalfway(one) || (one.windows["24h"]?.traders ?? 0) > 1),
    halfway: count(isHalfway),
    completed: count(isCompleted),
    migrated: count(({ stage }) => stage === "migrated"),
  };
}

export interface CategoryRow {
  /** Null: nobody has read the token's text yet. */
  category: string | null;
  /** A symbol, or a mint without one; null: not known. */
  quote: string | null;
  launches: number;
  completed: number;
  traders: number;
  volume: Decimal;
}

/** Launches by category and quote token, most first; equal ones by name. */
export function categoriesOf(tokens: readonly Token[], window: Window): CategoryRow[] {
  const groups = new Map<string, Token[]>();
  for (const token of tokens) {
    const name = JSON.stringify([token.project?.category ?? null, token.quote.symbol ?? token.quote.mint ?? null]);
    groups.set(name, [...(groups.get(name) ?? []), token]);
  }
  return [...groups].map(([name, of]) => rowOf(name, of, window)).sort(
    (one, other) => other.launches - one.launches || compare(other.volume, one.volume)
      || (one.category ?? "").localeCompare(other.category ?? ""),
  );
}

function rowOf(name: string, tokens: readonly Token[], window: Window): CategoryRow {
  const [category, quote] = JSON.parse(name) as [string | null, string | null];
  return {
    category,
    quote,
    launches: tokens.length,
    completed: tokens.filter(({ stage }) => stage !== "bonding").length,
    traders: tokens.reduce((all, { windows }) => all + (windows[window]?.traders ?? 0), 0),
    volume: sum(tokens.map(({ windows }) => windows[window]?.volume ?? "0")),
  };
}

export interface Hour {
  /** Its beginning, in milliseconds. */
  at: number;
  launches: number;
  completed: number;
}

const HOUR_MS = 3_600_000;

/** The hours that end with the one of *now*, oldest first: launches within each, and completions. */
export function hoursOf(tokens: readonly Token[], now: number, hours: number): Hour[] {
  const last = Math.floor(now / HOUR_MS);
  const within = (hour: number, time: string | null | undefined) => time && Math.floor(Date.parse(time) / HOUR_MS) === hour;
  return Array.from({ length: hours }, (_, index) => {
    const hour = last - hours + 1 + index;
    return {
      at: hour * HOUR_MS,
      launches: tokens.filter(({ launchedAt }) => within(hour, launchedAt)).length,
      completed: tokens.filter(({ completedAt }) => within(hour, completedAt)).length,
    };
  });
}

export interface Delays {
  count: number;
  /** Milliseconds; of an even count the lower one of the two in the middle. */
  median: number;
  least: number;
  most: number;
  bins: readonly { upTo: number | null; count: number }[];
}

/** Ends of the bins in milliseconds, excluded; what is below 0 was launched before the post. */
const DELAY_ENDS = [0, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, null] as const;

/** The time from a matched post to the launch of its token; null where no token has one. */
export function delaysOf(tokens: readonly Token[]): Delays | null {
  const delays = tokens
    .flatMap(({ post }) => (post.status === "matched" && typeof post.delayMs === "number" ? [post.delayMs] : []))
    .sort((one, other) => one - other);
  const [least, most] = [delays[0], delays.at(-1)];
  if (least === undefined || most === undefined) return null;
  let from = 0;
  const bins = DELAY_ENDS.map((upTo) => {
    const end = upTo === null ? delays.length : delays.filter((delay) => delay < upTo).length;
    const count = end - from;
    from = end;
    return { upTo, count };
  });
  return { count: delays.length, median: delays[Math.floor((delays.length - 1) / 2)] ?? least, least, most, bins };
}
