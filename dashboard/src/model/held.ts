/** An order that rests while somebody reads: rows change in place, and move when they may. */
import type { Token } from "./types.js";

export interface Held {
  shown: readonly Token[];
  /** Tokens that would be on the list and are not shown yet, and whether any would move. */
  news: number;
  hasMoved: boolean;
}

/** The tokens in the order that is shown: theirs, or the one in which they were when they were held. */
export function heldOrder(tokens: readonly Token[], before: readonly Token[], isHeld: boolean): Held {
  if (!isHeld || !before.length) return { shown: tokens, news: 0, hasMoved: false };
  const now = new Map(tokens.map((one) => [one.mint, one]));
  const known = new Set(before.map(({ mint }) => mint));
  const shown = before.map((one) => now.get(one.mint) ?? one);
  const hasMoved = tokens.some(({ mint }, at) => shown[at]?.mint !== mint);
  return { shown, news: tokens.filter(({ mint }) => !known.has(mint)).length, hasMoved };
}
