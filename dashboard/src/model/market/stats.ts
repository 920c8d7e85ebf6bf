/** The market's figures by window, launchpad and quote token, as tables and bars. */
import { compare, sum } from "../decimal.js";
import type { Decimal, Schemas, Stats, Window } from "../types.js";

export type MarketFigures = Schemas["MarketFigures"];

/** One quote token's market in one window: amounts of several cannot be added. */
export interface QuoteMarket {
  quoteMint: string | null;
  launches: number;
  graduations: number;
  trades: number;
  buys: number;
  sells: number;
  volume: Decimal;
  /** By launchpad, most volume first; equal ones by name. */
  rows: readonly MarketFigures[];
}

/** Markets of a window by their quote token, the one with most trades first. */
export function marketsOf(stats: Stats, window: Window): QuoteMarket[] {
  const rows = stats.items.filter((one) => one.window === window);
  const quotes = [...new Set(rows.map((one) => one.quoteMint ?? null))];
  return quotes
    .map((quoteMint) => total(quoteMint, rows.filter((one) => (one.quoteMint ?? null) === quoteMint)))
    .sort((one, other) => other.trades - one.trades || (one.quoteMint ?? "").localeCompare(other.quoteMint ?? ""));
}

function total(quoteMint: string | null, rows: readonly MarketFigures[]): QuoteMarket {
  const count = (name: "launches" | "graduations" | "trades" | "buys" | "sells") =>
    rows.reduce((all, one) => all + one[name], 0);
  const volumeOf = (one: MarketFigures) => one.volume ?? "0";
  return {
    quoteMint,
    launches: count("launches"),
    graduations: count("graduations"),
    trades: count("trades"),
    buys: count("buys"),
    sells: count("sells"),
    volume: sum(rows.map(volumeOf)),
    rows: rows.toSorted(
      (one, other) => compare(volumeOf(other), volumeOf(one)) || (one.launchpad ?? "").localeCompare(other.launchpad ?? ""),
    ),
  };
}
