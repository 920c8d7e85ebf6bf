/** Trades that the server had to drop are fetched from REST, and put where they belong. */
import type { Middleware } from "@reduxjs/toolkit";
import type { Live } from "../model/stream/live.js";
import type { Gap } from "../model/stream/messages.js";
import type { Page, Status, Trade } from "../model/types.js";
import { bearer } from "./access.js";
import { filled } from "./live.js";

const PAGE = 200;
/** A gap is of seconds; what is longer than this is not looked at as a list any more. */
const PAGES_MOST = 5;
const RETRY_MS = 3_000;

/** What is asked of REST. */
export interface Rest {
  /** A page of a token's trades, newest first. */
  trades(mint: string, cursor: string | null, key: string | null): Promise<Page<Trade>>;
  /** The slot through which nothing is missing in its answers from now on; 0: nobody can say. */
  through(key: string | null): Promise<number>;
}

interface State {
  live: Live;
  access: { key: string | null };
}

export const rest: Rest = {
  async trades(mint, cursor, key) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) });
    return (await asked(`/v1/tokens/${mint}/trades?${query}`, key)) as Page<Trade>;
  },
  async through(key) {
    return ((await asked("/v1/status", key)) as Status).chain.completeThroughSlot;
  },
};

async function asked(path: string, key: string | null): Promise<unknown> {
  const answer = await fetch(path, { cache: "no-cache", headers: bearer(key) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export function gapFiller(ask: Rest): Middleware<object, State> {
  return (store) => {
    const underWay = new Set<string>();

    async function fill(name: string, mint: string, gap: Gap): Promise<void> {
      const key = `${name} ${gap.toSeq}`;
      if (underWay.has(key)) return;
      underWay.add(key);
      const isWhole = await attempt(name, mint, gap).catch(() => false);
      // Until it is whole the gap is shown as one, and what it takes is asked for again.
      if (!isWhole) await new Promise((done) => setTimeout(done, RETRY_MS));
      underWay.delete(key);
      if (store.getState().live.places[name]?.gaps.includes(gap)) void fill(name, mint, gap);
    }

    async function attempt(name: string, mint: string, gap: Gap): Promise<boolean> {
      const { key } = store.getState().access;
      // The store is behind what is live. It takes a token's trades in order: a later one proves all before.
      const through = await ask.through(key).catch(() => 0);
      const { items, newest } = await tradesOf(ask, mint, gap, key);
      const isWhole = Math.max(through, newest - 1) >= gap.toSlot;
      store.dispatch(filled({ name, gap, items, isWhole }));
      return isWhole;
    }

    return (next) => (action) => {
      const before = store.getState().live.places;
      const result = next(action);
      const { places } = store.getState().live;
      if (before === places) return result;
      for (const [name, { place, gaps }] of Object.entries(places)) {
        if (place.channel === "trades") for (const gap of gaps) void fill(name, place.key, gap);
      }
      return result;
    };
  };
}

/** The trades of a gap's slots, ends included, and the slot of the newest trade there is. */
async function tradesOf(ask: Rest, mint: string, { fromSlot, toSlot }: Gap, key: string | null) {
  const found: Trade[] = [];
  let newest = 0;
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const { items, nextCursor }: Page<Trade> = await ask.trades(mint, cursor, key);
    newest = Math.max(newest, items[0]?.slot ?? 0);
    found.push(...items.filter(({ slot }) => slot >= fromSlot && slot <= toSlot));
    cursor = nextCursor ?? null;
    if (!cursor || (items.at(-1)?.slot ?? 0) < fromSlot) break;
  }
  return { items: found, newest };
}
