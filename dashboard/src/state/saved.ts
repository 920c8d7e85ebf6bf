/** The boards as they were last, kept in the browser: shown while nothing can be had, and said so. */
import type { Middleware, UnknownAction } from "@reduxjs/toolkit";
import { type Live, restored, savable, type Saved } from "../model/stream/live.js";
import { opened, restoredFrom } from "./live.js";

const NAME = "btracker-state-1";
const WHERE = "/saved/boards.json";
/** Often enough to be worth something, seldom enough to cost nothing. */
const EVERY_MS = 10_000;
const FIRST_MS = 2_000;
/** The server is given this long to answer before what was saved is shown instead. */
const PATIENCE_MS = 2_500;

/** What keeps a text under a name; the browser's caches, which are large and do not block. */
export interface Shelf {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

export const shelfOf = (stores: CacheStorage): Shelf => ({
  read: async () => (await (await stores.open(NAME)).match(WHERE))?.text() ?? null,
  write: async (text) => (await stores.open(NAME)).put(WHERE, new Response(text)),
});

interface State {
  live: Live;
}

/** Save the boards from time to time; show what was saved if the first connection takes long. */
export function saver(shelf: Shelf | null, now: () => number = Date.now): Middleware<object, State> {
  return (store) => {
    let savedAt = now() - EVERY_MS + FIRST_MS;
    if (shelf) setTimeout(() => void restore(shelf, store), PATIENCE_MS);
    return (next) => (action) => {
      const result = next(action);
      const { live } = store.getState();
      if (shelf && now() - savedAt > EVERY_MS && live.connection.phase === "open" && !opened.match(action)) {
        savedAt = now();
        const text = savable(live, savedAt);
        // Storage that is full or forbidden costs what would be shown offline, and nothing else.
        if (text) shelf.write(text).catch(() => undefined);
      }
      return result;
    };
  };
}

async function restore(shelf: Shelf, store: { getState(): State; dispatch(action: UnknownAction): unknown }): Promise<void> {
  if (store.getState().live.connection.heardAt !== null) return;
  const text = await shelf.read().catch(() => null);
  const saved: Saved | null = text ? restored(text) : null;
  if (saved && store.getState().live.connection.heardAt === null) store.dispatch(restoredFrom(saved));
}
