/** What the browser keeps for its user: colours, watched tokens, tokens looked at lately, saved views. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { type SavedView, savedViews, withoutView, withView } from "../model/views.js";

export const THEMES = ["auto", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

export interface Prefs {
  theme: Theme;
  /** Mints, the newest first. */
  watched: readonly string[];
  recent: readonly string[];
  views: readonly SavedView[];
}

/** As many as one request may ask for. */
export const WATCHED_MOST = 100;
const RECENT_MOST = 12;
export const PREFS = "btracker.prefs.1";
const DEFAULT: Prefs = { theme: "auto", watched: [], recent: [], views: [] };

const slice = createSlice({
  name: "prefs",
  initialState: DEFAULT,
  reducers: {
    themed: (state, { payload }: PayloadAction<Theme>) => ({ ...state, theme: payload }),
    toggled: (state, { payload: mint }: PayloadAction<string>) => {
      const others = state.watched.filter((one) => one !== mint);
      const isNew = others.length === state.watched.length;
      return { ...state, watched: isNew ? [mint, ...others].slice(0, WATCHED_MOST) : others };
    },
    visited: (state, { payload: mint }: PayloadAction<string>) => ({
      ...state,
      recent: [mint, ...state.recent.filter((one) => one !== mint)].slice(0, RECENT_MOST),
    }),
    viewSaved: (state, { payload }: PayloadAction<SavedView>) => ({ ...state, views: withView(state.views, payload) }),
    viewForgotten: (state, { payload }: PayloadAction<SavedView>) => ({ ...state, views: withoutView(state.views, payload) }),
    loaded: (_, { payload }: PayloadAction<Prefs>) => payload,
  },
});

export const { themed, toggled, visited, viewSaved, viewForgotten, loaded } = slice.actions;
export const prefs = slice.reducer;

/** What was kept; the defaults where that is nothing, or not ours. */
export function kept(text: string | null): Prefs {
  if (text === null) return DEFAULT;
  try {
    const found = JSON.parse(text) as Partial<Prefs>;
    return {
      theme: THEMES.find((one) => one === found.theme) ?? DEFAULT.theme,
      watched: mints(found.watched, WATCHED_MOST),
      recent: mints(found.recent, RECENT_MOST),
      views: savedViews(found.views),
    };
  } catch {
    return DEFAULT;
  }
}

function mints(found: unknown, most: number): string[] {
  if (!Array.isArray(found)) return [];
  return found.filter((one) => typeof one === "string").slice(0, most);
}
