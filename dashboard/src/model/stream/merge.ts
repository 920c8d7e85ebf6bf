/** What a message makes of the state of its place. Parts that did not change stay the same object. */
import type { Candle, LifecycleEvent, Mint, Token } from "../types.js";
import type { Channel, Message } from "./messages.js";

/** Events that a place keeps, newest first. */
export const EVENTS_KEPT = 500;
export const CANDLES_KEPT = 1_000;

export interface Items<Item> {
  items: readonly Item[];
}
export type LiveCandle = Candle & { rev?: number };
export type BoardState = { order: readonly Mint[] } & Readonly<Record<Mint, unknown>>;
export type LaunchEvent = LifecycleEvent & { id?: string; retracted?: boolean };

interface Event {
  id: string;
  slot?: number;
  retracted?: boolean;
  deleted?: boolean;
}

/** The state of a place after a message of it. */
export function merged(channel: Channel, state: unknown, message: Message): unknown {
  if (channel === "token" && message.type === "delta") return newer(state as Token | null, message.data as Partial<Token>);
  if (channel === "board") return board(message.type === "delta" ? (state as BoardState) : null, message.data as BoardState);
  if (message.type === "snapshot") return message.data;
  if (message.type === "event") return withEvent(state as Items<Event>, message.data as Event);
  if (message.type === "candle") return withCandle(state as Items<LiveCandle>, message.data as LiveCandle);
  return { ...(state as object), ...(message.data as object) };
}

/** A token's `version` never goes down: an older change is not one. */
export function newer<Known extends { version?: number }>(known: Known | null, change: Known): Known {
  if (known?.version !== undefined && (change.version ?? 0) < known.version) return known;
  return { ...known, ...change };
}

/** A board with a change: the tokens that left are let go, the others stay the same objects. */
function board(known: BoardState | null, change: BoardState): BoardState {
  const tokens = change.order.map((mint) => {
    const now = change[mint] as Token | undefined;
    const before = known?.[mint] as Token | undefined;
    return [mint, now && before ? newer(before, now) : (now ?? before)] as const;
  });
  return { ...Object.fromEntries(tokens), order: change.order } as BoardState;
}

/** The tokens of a board, best first. */
export function tokensOf(state: BoardState): Token[] {
  return state.order.map((mint) => state[mint]).filter((one): one is Token => one !== undefined);
}

function withEvent(known: Items<Event> | null, event: Event): Items<Event> {
  const others = (known?.items ?? []).filter((one) => one.id !== event.id);
  if (event.retracted || event.deleted) return { items: others };
  // While the server catches up, events come as they are found, not as they were on the chain.
  const at = others.findIndex((one) => (one.slot ?? 0) <= (event.slot ?? Infinity));
  return { items: others.toSpliced(at < 0 ? others.length : at, 0, event).slice(0, EVENTS_KEPT) };
}

/** Events that were missing, put among those that are known: by id, newest first. */
export function withFetched<Item extends { id: string; slot: number }>(
  known: Items<Item>,
  fetched: readonly Item[],
): Items<Item> {
  const ids = new Set(known.items.map((one) => one.id));
  const all = [...known.items, ...fetched.filter((one) => !ids.has(one.id))];
  // The sort is stable: within a slot the order of arrival stays.
  return { items: all.toSorted((one, other) => other.slot - one.slot).slice(0, EVENTS_KEPT) };
}

/** Candles, oldest first; one replaces that of its time unless its `rev` is lower. */
export function withCandle(known: Items<LiveCandle> | null, candle: LiveCandle): Items<LiveCandle> {
  const items = known?.items ?? [];
  const at = items.findLastIndex((one) => one.time <= candle.time);
  const found = items[at];
  if (found?.time === candle.time) {
    return (candle.rev ?? 0) < (found.rev ?? 0) ? { items } : { items: items.with(at, candle) };
  }
  return { items: items.toSpliced(at + 1, 0, candle).slice(-CANDLES_KEPT) };
}
