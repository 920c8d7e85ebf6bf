/** Filters and sorting that somebody gave a name to: a page's address, kept in the browser. */
import { filtersOf, SORTS, WINDOWS } from "./filters.js";

/** The pages that have filters. */
export const FILTERED = ["/", "/browse"] as const;

export interface SavedView {
  name: string;
  path: (typeof FILTERED)[number];
  /** The address behind its question mark. */
  search: string;
}

export const VIEWS_MOST = 50;
export const NAME_MOST = 40;

/** What makes a view of an address: filters, window and sorting, always in the same order; empty: nothing is set. */
export function viewOf(search: URLSearchParams): string {
  const kept = new URLSearchParams(filtersOf(search) as Record<string, string>);
  const open = [["window", WINDOWS], ["sortBy", SORTS], ["sortOrder", ["asc", "desc"]]] as const;
  for (const [name, values] of open) {
    const value = values.find((one) => one === search.get(name));
    if (value) kept.set(name, value);
  }
  kept.sort();
  return kept.toString();
}

/** The newest first; of a name and page there is one. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  const name = view.name.trim().slice(0, NAME_MOST);
  if (!name) return views;
  return [{ ...view, name }, ...withoutView(views, { ...view, name })].slice(0, VIEWS_MOST);
}

export function withoutView(views: readonly SavedView[], { name, path }: SavedView): readonly SavedView[] {
  return views.filter((one) => one.name !== name || one.path !== path);
}

/** Views as they were kept; what is none is left out. */
export function savedViews(found: unknown): readonly SavedView[] {
  if (!Array.isArray(found)) return [];
  return found.flatMap((one: Partial<Record<keyof SavedView, unknown>> | null) => {
    const path = FILTERED.find((known) => known === one?.path);
    if (!path || typeof one?.name !== "string" || typeof one.search !== "string") return [];
    return [{ name: one.name.slice(0, NAME_MOST), path, search: viewOf(new URLSearchParams(one.search)) }];
  }).slice(0, VIEWS_MOST);
}
