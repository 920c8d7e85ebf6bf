/** How a token's supply is spread over those who hold it. */
import { shareOf } from "../decimal.js";
import type { Holder, Token } from "../types.js";

export interface Part {
  name: "curve" | "top1" | "top10" | "top50" | "top100" | "others";
  share: number;
}

/** The last rank, counted from 1, of each part. */
const RANKS = [["top1", 1], ["top10", 10], ["top50", 50], ["top100", 100]] as const;
/** Shares are exact to ten places; less than this is rounding. */
const NOTHING = 1e-9;

/**
 * The parts of the supply, shares of 1 in all: what the curve or pool has, the holders by rank, the rest.
 * *holders* are the largest, largest first. Nobody holds what is not known: no parts without holders.
 */
export function distribution(holders: readonly Holder[], token: Pick<Token, "supply" | "curve">): Part[] {
  if (!holders.length) return [];
  const reserve = token.supply && token.curve.baseReserve ? shareOf(token.curve.baseReserve, token.supply) : 0;
  let from = 0;
  const ranked = RANKS.map(([name, to]) => {
    const share = holders.slice(from, to).reduce((total, one) => total + (one.share ?? 0), 0);
    from = to;
    return { name, share };
  });
  const parts: Part[] = [{ name: "curve", share: reserve }, ...ranked];
  const rest = 1 - parts.reduce((total, { share }) => total + share, 0);
  return [...parts, { name: "others" as const, share: Math.max(0, rest) }].filter(({ share }) => share > NOTHING);
}
