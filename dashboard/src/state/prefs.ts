/** What the browser keeps for its user: colours, watched tokens, tokens looked at lately. */
import { createListenerMiddleware, createSlice, type PayloadAction } from "@reduxjs/toolkit";

export const THEMES = ["auto", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

export interface Prefs {
  theme: Theme;
  /** Mints, the newest first. */
  watched: readonly string[];
  recent: readonly string[];
}

/** As many as one request may ask for. */
export const WATCHED_MOST = 100;
const RECENT_MOST = 12;
const KEY = "btracker.prefs.1";
const DEFAULT: Prefs = { theme: "auto", watched: [], recent: [] };

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
    loaded: (_, { payload }: PayloadAction<Prefs>) => payload,
  },
});

export const { themed, toggled, visited, loaded } = slice.actions;
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
    };
  } catch {
    return DEFAULT;
  }
}

function mints(found: unknown, most: number): string[] {
  if (!Array.isArray(found)) return [];
  return found.filter((one) => typeof one === "string").slice(0, most);
}

/** Keep what changes, and follow what other tabs of the browser change. */
export function keeper(storage: Storage, events: EventTarget) {
  const listening = createListenerMiddleware<{ prefs: Prefs }>();
  listening.startListening({
    predicate: (action, now, before) => !loaded.match(action) && now.prefs !== before.prefs,
    effect: (_, { getState }) => {
      try {
        storage.setItem(KEY, JSON.stringify(getState().prefs));
      } catch {
        // Storage that is full or forbidden costs the memory of this page, and nothing else.
      }
    },
  });
  return {
    middleware: listening.middleware,
    load: (dispatch: (action: ReturnType<typeof loaded>) => void) => {
      dispatch(loaded(kept(read(storage))));
      events.addEventListener("storage", (event) => {
        if ((event as StorageEvent).key === KEY) dispatch(loaded(kept(read(storage))));
      });
    },
  };
}

function read(storage: Storage): string | null {
  try {
    return storage.getItem(KEY);
  } catch {
    return null;
  }
}
