/** What is shown, and in which order: kept in the address bar, sent to the API. */
import { isDecimal } from "./decimal.js";
import type { QueryOf, Window } from "./types.js";

export type TokenQuery = QueryOf<"/v1/tokens">;

export const BOARDS = ["new", "graduating", "graduated", "trending"] as const;
export type BoardName = (typeof BOARDS)[number];
export const WINDOWS = ["5m", "1h", "6h", "24h"] as const satisfies readonly Window[];
export const STAGES = ["bonding", "completed", "migrated"] as const;
export const LAUNCHPADS = ["believe", "bags", "meteora-dbc", "pump.fun", "letsbonk", "raydium-launchlab", "moonshot"] as const;
export const CATEGORIES = [
  "ai", "commerce", "community", "creator", "defi", "desci", "education", "gaming", "health", "infra",
  "meme", "payments", "productivity", "rwa", "social", "other",
] as const;

/** Bounds, in the API's units: whole quote tokens, shares of 1, seconds. */
export const FIGURES = ["MarketCap", "Volume24h", "Liquidity", "Holders", "Trades24h", "Progress", "Age"] as const;
export type FigureName = (typeof FIGURES)[number];
type Bound = `${"min" | "max"}${FigureName}`;
export const BOUNDS = FIGURES.flatMap((name) => [`min${name}`, `max${name}`] as const) satisfies Bound[];

export const SORTS = [
  "launchedAt", "completedAt", "marketCap", "volume24h", "volume1h", "traders1h", "trades24h", "holders",
  "liquidity", "progress", "price",
] as const;
export type Sort = (typeof SORTS)[number];

const WORDS = ["launchpad", "category", "stage", "hasPost", "q"] as const;
type Word = (typeof WORDS)[number];

/** Filters as the address bar has them: only those that are set. */
export type Filters = Readonly<Partial<Record<Word | Bound, string>>>;

/** Read the filters of an address; what makes no sense there is left out. */
export function filtersOf(search: URLSearchParams): Filters {
  const words = WORDS.map((name) => [name, search.get(name)?.trim().slice(0, 100)] as const);
  const bounds = BOUNDS.map((name) => [name, search.get(name)?.trim()] as const);
  const set = [...words.filter(([, text]) => text), ...bounds.filter(([, text]) => text && isBound(text))];
  return Object.fromEntries(set);
}

function isBound(text: string): boolean {
  return isDecimal(text) && !text.startsWith("-") && text.length <= 40;
}

export function windowOf(search: URLSearchParams): Window {
  return WINDOWS.find((one) => one === search.get("window")) ?? "24h";
}

export function sortOf(search: URLSearchParams): { sortBy: Sort; sortOrder: "asc" | "desc" } {
  const sortBy = SORTS.find((one) => one === search.get("sortBy")) ?? "volume24h";
  return { sortBy, sortOrder: search.get("sortOrder") === "asc" ? "asc" : "desc" };
}

/** The address with a change; null takes a parameter out. */
export function changed(search: URLSearchParams, change: Readonly<Record<string, string | null>>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** The filters that a live board can apply itself; null: it cannot apply all of them. */
export function liveFilters(filters: Filters): Record<string, string | boolean> | null {
  const { launchpad, category, hasPost, stage: _, ...others } = filters;
  if (Object.keys(others).length) return null;
  return {
    ...(launchpad ? { launchpad } : {}),
    ...(category ? { category } : {}),
    ...(hasPost ? { hasPost: hasPost === "true" } : {}),
  };
}

const RANKED: Record<BoardName, TokenQuery> = {
  new: { stage: "bonding", sortBy: "launchedAt" },
  graduating: { stage: "bonding", sortBy: "progress" },
  graduated: { stage: "completed,migrated", sortBy: "completedAt" },
  trending: { sortBy: "traders1h" },
};

/** The question that has a board's order, where the board itself cannot apply the filters. */
export function boardQuery(name: BoardName, filters: Filters, limit: number): TokenQuery {
  return { ...queryOf(filters), ...RANKED[name], limit };
}

export function queryOf(filters: Filters): TokenQuery {
  const { hasPost, ...others } = filters;
  return hasPost ? { ...others, hasPost: hasPost === "true" } : others;
}
