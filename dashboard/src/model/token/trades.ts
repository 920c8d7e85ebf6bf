/** Live trades and pages of older ones as one list. */
import type { Trade } from "../types.js";

/**
 * Live trades, newest first, and behind them what pages have of older ones. Within the span of the live
 * ones a page says nothing: a trade that is not among them was taken back. Null pages, or pages that do
 * not reach the live ones, are left out: see `isJoined`.
 */
export function tradesOf(live: readonly Trade[], pages: readonly Trade[]): readonly Trade[] {
  const oldest = live.at(-1);
  if (!oldest) return pages.filter(isStanding);
  if (!isJoined(live, pages)) return live;
  return [...live, ...pages.filter((one) => one.sortKey < oldest.sortKey && isStanding(one))];
}

/** Whether nothing can be missing between the two: the pages begin within the live ones. */
export function isJoined(live: readonly Trade[], pages: readonly Trade[]): boolean {
  const [oldest, newest] = [live.at(-1), pages[0]];
  return !oldest || (newest !== undefined && newest.sortKey >= oldest.sortKey);
}

/** How many of the newest are not among those that are shown, which rest while somebody reads them. */
export function newsOf(shown: readonly Trade[], newest: readonly Trade[]): number {
  const [first] = shown;
  return first ? newest.filter((one) => one.sortKey > first.sortKey).length : newest.length;
}

function isStanding(trade: Trade): boolean {
  return !trade.retracted;
}
