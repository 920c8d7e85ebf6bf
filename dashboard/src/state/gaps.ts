/** Trades that the server had to drop are fetched from REST, and put where they belong. */
import type { Middleware } from "@reduxjs/toolkit";
import type { Live } from "../model/stream/live.js";
import type { Gap } from "../model/stream/messages.js";
import type { Page, Trade } from "../model/types.js";
import { bearer } from "./access.js";
import { filled } from "./live.js";

const PAGE = 200;
/** A gap is of seconds; what is longer than this is not looked at as a list any more. */
const PAGES_MOST = 5;
const RETRY_MS = 3_000;

/** Asks REST for a page of a token's trades, newest first. */
export type AskTrades = (mint: string, cursor: string | null, key: string | null) => Promise<Page<Trade>>;

interface State {
  live: Live;
  access: { key: string | null };
}

export const askTrades: AskTrades = async (mint, cursor, key) => {
  const query = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) });
  const answer = await fetch(`/v1/tokens/${mint}/trades?${query}`, { cache: "no-cache", headers: bearer(key) });
  if (!answer.ok) throw new Error(`trades: ${answer.status}`);
  return (await answer.json()) as Page<Trade>;
};

export function gapFiller(ask: AskTrades): Middleware<object, State> {
  return (store) => {
    const underWay = new Set<string>();

    async function fill(name: string, mint: string, gap: Gap): Promise<void> {
      const key = `${name} ${gap.toSeq}`;
      if (underWay.has(key)) return;
      underWay.add(key);
      try {
        store.dispatch(filled({ name, gap, items: await tradesOf(ask, mint, gap, store.getState().access.key) }));
        underWay.delete(key);
      } catch {
        // The gap is still shown as one; what it takes is asked for again.
        setTimeout(() => {
          underWay.delete(key);
          if (store.getState().live.places[name]?.gaps.includes(gap)) void fill(name, mint, gap);
        }, RETRY_MS);
      }
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

/** The trades of a gap's slots, ends included. */
async function tradesOf(ask: AskTrades, mint: string, { fromSlot, toSlot }: Gap, key: string | null): Promise<Trade[]> {
  const found: Trade[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const { items, nextCursor }: Page<Trade> = await ask(mint, cursor, key);
    found.push(...items.filter(({ slot }) => slot >= fromSlot && slot <= toSlot));
    cursor = nextCursor ?? null;
    if (!cursor || (items.at(-1)?.slot ?? 0) < fromSlot) break;
  }
  return found;
}
