/** Trades that the server had to drop are fetched from REST, and put where they belong. */
import type { Middleware } from "@reduxjs/toolkit";
import type { Live } from "../model/stream/live.js";
import type { Items } from "../model/stream/merge.js";
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
    const itemsOf = (name: string) => (store.getState().live.places[name]?.data as Items<Trade> | null)?.items ?? [];
    const firstGapOf = (name: string) => store.getState().live.places[name]?.gaps[0];

    /** One gap after the other: what fills one must not prove another. */
    async function fill(name: string, mint: string): Promise<void> {
      if (underWay.has(name)) return;
      underWay.add(name);
      for (let gap = firstGapOf(name); gap; gap = firstGapOf(name)) await close(name, mint, gap);
      underWay.delete(name);
    }

    async function close(name: string, mint: string, gap: Gap): Promise<void> {
      // What came before the gap, or from REST.
      const known = new Set(itemsOf(name).map(({ id }) => id));
      // Until it is whole the gap is shown as one, and what it takes is asked for again.
      while (firstGapOf(name) === gap && !(await attempt(name, mint, gap, known).catch(() => false))) {
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }

    async function attempt(name: string, mint: string, gap: Gap, known: Set<string>): Promise<boolean> {
      const { key } = store.getState().access;
      // The store is behind what is live, and takes a token's trades in the order in which they are told:
      // what was told after the gap, once it is there, proves all of the gap.
      const later = itemsOf(name).filter(({ id }) => !known.has(id));
      const through = await ask.through(key).catch(() => 0);
      const { items, isAll } = await tradesOf(ask, mint, gap, key);
      const there = new Set(items.map(({ id }) => id));
      const isWhole = through >= gap.toSlot || later.some(({ id }) => there.has(id));
      const spanned = items.filter((one) => isWithin(one, gap));
      // What was there before and is not in REST was taken back.
      const gone = isWhole && isAll ? itemsOf(name).filter((one) => isWithin(one, gap) && known.has(one.id) && !there.has(one.id)) : [];
      for (const { id } of spanned) known.add(id);
      store.dispatch(filled({ name, gap, items: spanned, gone: gone.map(({ id }) => id), isWhole }));
      return isWhole;
    }

    return (next) => (action) => {
      const before = store.getState().live.places;
      const result = next(action);
      const { places } = store.getState().live;
      if (before === places) return result;
      for (const [name, { place, gaps }] of Object.entries(places)) {
        if (place.channel === "trades" && gaps.length) void fill(name, place.key);
      }
      return result;
    };
  };
}

const isWithin = ({ slot }: Trade, { fromSlot, toSlot }: Gap) => slot >= fromSlot && slot <= toSlot;

/** A token's newest trades, back to where a gap begins, and whether they reach that. */
async function tradesOf(ask: Rest, mint: string, { fromSlot }: Gap, key: string | null) {
  const items: Trade[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const answer: Page<Trade> = await ask.trades(mint, cursor, key);
    items.push(...answer.items);
    cursor = answer.nextCursor ?? null;
    if (!cursor || (answer.items.at(-1)?.slot ?? 0) < fromSlot) return { items, isAll: true };
  }
  return { items, isAll: false };
}
