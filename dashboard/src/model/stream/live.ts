/** All that is followed over one connection: its state, what changes it, what must be said then. */
import { askAgain, begin, type Followed, isHole, subscribe, take } from "./follow.js";
import { type Items, withFetched } from "./merge.js";
import { type Command, type Gap, type Heartbeat, type Message, nameOf, type Place, type Welcome } from "./messages.js";

/** waiting: a pause before the next attempt; over: what would be refused again, see `reason`. */
export type Phase = "idle" | "connecting" | "open" | "waiting" | "over";

export interface Connection {
  phase: Phase;
  /** Which connection this is; subscriptions belong to one. */
  serial: number;
  /** Attempts since the last one that worked. */
  attempt: number;
  heartbeat: Heartbeat | null;
  /** The connection that the heartbeat is of. */
  beatSerial: number;
  /** When something was heard last, by the browser's clock. */
  heardAt: number | null;
  /** When it was lost, until it is back. */
  lostAt: number | null;
  reason: string | null;
  /** Whether the API fetches pictures, so that no browser has to ask those who host them. */
  hasPictures: boolean;
}

export interface Live {
  connection: Connection;
  places: Readonly<Record<string, Followed>>;
  /** The last id that a command was given. */
  asked: number;
  /** The chain's time as it was told last, and when that was, in milliseconds. */
  clock: { chain: number; heardAt: number } | null;
  /** When what is shown was saved, as long as nothing newer is known. */
  savedAt: number | null;
}

/** What the channel `status` says. */
export interface ChainStatus {
  headSlot: number;
  chainTime: string | null;
  completeThroughSlot: number | null;
}

export const NOTHING: Live = {
  connection: {
    phase: "idle", serial: 0, attempt: 0, heartbeat: null, beatSerial: 0, heardAt: null, lostAt: null, reason: null,
    hasPictures: false,
  },
  places: {},
  asked: 0,
  clock: null,
  savedAt: null,
};

/** One more view looks at a place. With other filters it becomes another place of that name. */
export function follow(live: Live, place: Place): Live {
  const name = nameOf(place.channel, place.key);
  const known = live.places[name];
  if (known && sameFilters(known.place, place)) {
    return withPlace(live, name, { ...known, users: known.users + 1 });
  }
  const asked = live.asked + 1;
  const one = begin(place, asked);
  return { ...withPlace(live, name, { ...one, users: (known?.users ?? 0) + 1 }), asked };
}

export function leave(live: Live, place: Place): Live {
  const name = nameOf(place.channel, place.key);
  const known = live.places[name];
  if (!known) return live;
  if (known.users > 1) return withPlace(live, name, { ...known, users: known.users - 1 });
  const { [name]: _, ...places } = live.places;
  return { ...live, places };
}

export function connecting(live: Live): Live {
  return withConnection(live, { phase: "connecting", serial: live.connection.serial + 1 });
}

/** A new connection knows of nothing: each place is asked for where it was left. */
export function opened(live: Live, at: number): Live {
  let asked = live.asked;
  const places = Object.fromEntries(
    Object.entries(live.places).map(([name, one]) => [name, askAgain(one, (asked += 1), "asked")]),
  );
  return withConnection({ ...live, places, asked }, { phase: "open", heardAt: at, reason: null });
}

export function lost(live: Live, at: number, reason: string | null, isOver: boolean): Live {
  const { attempt, lostAt } = live.connection;
  const phase = isOver ? "over" : "waiting";
  return withConnection(live, { phase, attempt: attempt + 1, lostAt: lostAt ?? at, reason });
}

/** What a batch of messages makes of all places. */
export function took(live: Live, messages: readonly Message[], at: number): Live {
  // What was heard last before a cut is good, and says nothing of the connection after it.
  const isOpen = live.connection.phase === "open";
  const heard = isOpen ? { ...withConnection(live, { heardAt: at, lostAt: null, attempt: 0 }), savedAt: null } : live;
  return told(messages.reduce(tookOne, heard), at);
}

/** The clock, if a new time of the chain was told. */
function told(live: Live, at: number): Live {
  const status = live.places[nameOf("status", "all")]?.data as ChainStatus | null | undefined;
  if (!status?.chainTime) return live;
  const chain = Date.parse(status.chainTime);
  return live.clock?.chain === chain ? live : { ...live, clock: { chain, heardAt: at } };
}

function tookOne(live: Live, message: Message): Live {
  if (message.type === "heartbeat") {
    const { phase, serial } = live.connection;
    if (phase !== "open") return live;
    return withConnection(live, { heartbeat: message.data as Heartbeat, beatSerial: serial });
  }
  if (message.type === "welcome") {
    return withConnection(live, { hasPictures: (message.data as Welcome).pictures === true });
  }
  const name = placeOf(live, message);
  const one = name === undefined ? undefined : live.places[name];
  if (name === undefined || !one) return live;
  if (isHole(one, message)) {
    const asked = live.asked + 1;
    return { ...withPlace(live, name, askAgain(one, asked, "refilling")), asked };
  }
  const next = take(one, message);
  return next === one ? live : withPlace(live, name, next);
}

/** Errors name only the command that they answer. */
function placeOf(live: Live, message: Message): string | undefined {
  if (message.channel) return nameOf(message.channel, message.key ?? "all");
  if (message.type !== "error") return undefined;
  return Object.keys(live.places).find((name) => live.places[name]?.asked === message.id);
}

/** What has to be said so that the server follows what we do. */
export function commandsFor(before: Live, after: Live): Command[] {
  if (after.connection.phase !== "open" || before.places === after.places) return [];
  const isNew = before.connection.phase !== "open" || before.connection.serial !== after.connection.serial;
  const names = new Set([...Object.keys(before.places), ...Object.keys(after.places)]);
  return [...names].flatMap((name) => changed(isNew ? undefined : before.places[name], after.places[name]));
}

function changed(before: Followed | undefined, after: Followed | undefined): Command[] {
  if (before?.asked === after?.asked) return [];
  const { channel, key } = before?.place ?? { channel: "status", key: "all" };
  // What was refused is not open.
  const isOpen = before !== undefined && before.health !== "refused";
  const end: Command[] = isOpen ? [{ op: "unsubscribe", channel, key }] : [];
  return after ? [...end, subscribe(after)] : end;
}

function sameFilters(one: Place, other: Place): boolean {
  return JSON.stringify(one.filters ?? {}) === JSON.stringify(other.filters ?? {});
}

function withPlace(live: Live, name: string, one: Followed): Live {
  return { ...live, places: { ...live.places, [name]: one } };
}

function withConnection(live: Live, change: Partial<Connection>): Live {
  return { ...live, connection: { ...live.connection, ...change } };
}

/** What REST had of a gap, as the place has it; what it had no more; whether nothing can be missing of it. */
export interface Fill {
  name: string;
  gap: Gap;
  items: readonly { id: string; slot: number }[];
  gone: readonly string[];
  isWhole: boolean;
}

/** A gap that is filled is none any more. */
export function filled(live: Live, { name, gap, items, gone, isWhole }: Fill): Live {
  const one = live.places[name];
  if (!one?.gaps.includes(gap)) return live;
  const known = (one.data as Items<{ id: string; slot: number }>).items.filter(({ id }) => !gone.includes(id));
  const data = withFetched({ items: known }, items);
  if (!isWhole) return withPlace(live, name, { ...one, data });
  const gaps = one.gaps.filter((other) => other !== gap);
  return withPlace(live, name, { ...one, data, gaps, refills: one.refills + 1 });
}

/** What could not be answered just now is asked for again. */
export function retried(live: Live): Live {
  let asked = live.asked;
  const places = Object.entries(live.places).map(([name, one]) => {
    const isDue = one.refusal?.code === "unavailable";
    return [name, isDue ? askAgain(one, (asked += 1), "asked") : one] as const;
  });
  return { ...live, places: Object.fromEntries(places), asked };
}

/** The boards as they were at a time, by the browser's clock. */
export interface Saved {
  at: number;
  clock: Live["clock"];
  places: Readonly<Record<string, unknown>>;
}

/** What is worth keeping for a page that opens without a network; null: nothing yet. */
export function savable({ places, clock }: Live, at: number): string | null {
  const boards = Object.entries(places).filter(([, one]) => one.place.channel === "board" && one.data && !one.place.filters);
  if (!boards.length) return null;
  const kept: Saved = { at, clock, places: Object.fromEntries(boards.map(([name, one]) => [name, one.data])) };
  return JSON.stringify(kept);
}

/** What was kept, null where that is not ours. */
export function restored(text: string): Saved | null {
  try {
    const found = JSON.parse(text) as Partial<Saved>;
    if (typeof found.at !== "number" || typeof found.places !== "object" || !found.places) return null;
    return { at: found.at, clock: found.clock ?? null, places: found.places };
  } catch {
    return null;
  }
}

/** Show what was saved where nothing is known yet; the next snapshot replaces it. */
export function withSaved(live: Live, saved: Saved): Live {
  const places = Object.entries(live.places).map(([name, one]) => {
    const data = one.data ?? (one.place.filters ? null : saved.places[name]) ?? null;
    return [name, data === one.data ? one : { ...one, data }] as const;
  });
  return { ...live, places: Object.fromEntries(places), clock: live.clock ?? saved.clock, savedAt: saved.at };
}
