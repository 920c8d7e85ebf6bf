import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Items } from "../../src/model/stream/merge.js";
import type { Command, Message, Place } from "../../src/model/stream/messages.js";
import type { Trade } from "../../src/model/types.js";
import { keyed } from "../../src/state/access.js";
import type { Rest } from "../../src/state/gaps.js";
import { followed, left } from "../../src/state/live.js";
import { kept, toggled, visited } from "../../src/state/prefs.js";
import { makeStore } from "../../src/state/store.js";
import { recorded } from "../recorded.js";

/** A connection whose other end the test plays. */
class Wire {
  static made: Wire[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  said: Command[] = [];
  constructor(readonly url: string, readonly protocol: string) {
    Wire.made.push(this);
  }
  send(text: string): void {
    this.said.push(JSON.parse(text) as Command);
  }
  close(): void {}
  hear(...messages: Message[]): void {
    for (const one of messages) this.onmessage?.({ data: JSON.stringify(one) });
  }
}

const { connections: [first = [], second = []], commands } = recorded();
const trades = commands[0]?.find((one) => one.channel === "trades") as unknown as Place & { id: number };
const place: Place = { channel: "trades", key: trades.key };

/** The recording's answers bear its own ids. */
function answered(messages: Message[], wire: Wire): Message[] {
  const asked = wire.said.findLast((one) => one.op === "subscribe");
  return messages.filter((one) => one.channel === "trades" || !one.channel)
    .map((one) => (one.type === "ack" ? { ...one, id: asked?.id ?? null } : one));
}

function memory(): Storage {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) } as unknown as Storage;
}

const nothing: Rest = { trades: async () => ({ items: [] }), through: async () => 0 };
const make = (storage = memory(), rest = nothing) =>
  makeStore({
    url: "ws://here/v1/stream", storage, rest, shelf: null, events: new EventTarget(), schedule: (run) => setTimeout(run, 16), chance: () => 0,
    webSocket: (url, protocol) => new Wire(url, protocol) as unknown as WebSocket,
  });

beforeEach(() => {
  vi.useFakeTimers();
  Wire.made = [];
});
afterEach(() => vi.useRealTimers());

describe("the live feed in the store", () => {
  it("takes all that comes between two pictures as one change", () => {
    const store = make();
    store.dispatch(followed(place));
    const [wire] = Wire.made as [Wire];
    wire.onopen?.();
    let changes = 0;
    store.subscribe(() => (changes += 1));
    wire.hear(...answered(first, wire));
    expect(changes).toBe(0);
    vi.advanceTimersByTime(16);
    expect(changes).toBe(1);
    const { items } = store.getState().live.places[`trades ${trades.key}`]?.data as Items<Trade>;
    expect(items.length).toBeGreaterThan(50);
  });

  it("comes back after a cut where it was, and begins anew when the server says so", () => {
    const store = make();
    store.dispatch(followed(place));
    const [wire] = Wire.made as [Wire];
    wire.onopen?.();
    wire.hear(...answered(first, wire));
    vi.advanceTimersByTime(16);
    const seen = store.getState().live.places[`trades ${trades.key}`]?.seen;
    wire.onclose?.({ code: 1006, reason: "" });
    expect(store.getState().live.connection.phase).toBe("waiting");
    vi.advanceTimersByTime(1_000);
    const again = Wire.made[1] as Wire;
    again.onopen?.();
    expect(again.said).toMatchObject([{ op: "subscribe", channel: "trades", resume: seen }]);
    again.hear(...answered(second, again));
    vi.advanceTimersByTime(16);
    const one = store.getState().live.places[`trades ${trades.key}`];
    expect([one?.health, one?.resets]).toEqual(["live", 1]);
    const { items } = one?.data as Items<Trade>;
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });

  it("says its key first of all, connects anew with another, and without when it is forgotten", () => {
    const store = make();
    store.dispatch(keyed("bt_one"));
    store.dispatch(followed(place));
    const [wire] = Wire.made as [Wire];
    wire.onopen?.();
    expect(wire.url).not.toContain("bt_one");
    expect(wire.said[0]).toEqual({ op: "auth", token: "bt_one" });
    expect(wire.said[1]).toMatchObject({ op: "subscribe", channel: "trades" });
    wire.onclose?.({ code: 4401, reason: "Nobody gave out this key." });
    expect(store.getState().live.connection).toMatchObject({ phase: "over", reason: "Nobody gave out this key." });
    store.dispatch(keyed("bt_two"));
    const again = Wire.made[1] as Wire;
    again.onopen?.();
    expect(again.said[0]).toEqual({ op: "auth", token: "bt_two" });
    store.dispatch(keyed(null));
    (Wire.made[2] as Wire).onopen?.();
    expect((Wire.made[2] as Wire).said.map(({ op }) => op)).toEqual(["subscribe"]);
  });

  it("gives a connection up that has been silent for five seconds", () => {
    make().dispatch(followed(place));
    (Wire.made[0] as Wire).onopen?.();
    vi.advanceTimersByTime(4_900);
    expect(Wire.made).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(Wire.made).toHaveLength(2);
  });

  it("stays away as long as a server that restarts asks it to, and for good where it may not be", () => {
    make().dispatch(followed(place));
    (Wire.made[0] as Wire).onclose?.({ code: 1012, reason: '{"reconnectInMs": 3000}' });
    vi.advanceTimersByTime(2_900);
    expect(Wire.made).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(Wire.made).toHaveLength(2);
    (Wire.made[1] as Wire).onclose?.({ code: 4401, reason: "no" });
    vi.advanceTimersByTime(600_000);
    expect(Wire.made).toHaveLength(2);
  });

  it("fetches what the server had to drop, page by page, and puts it where it belongs", async () => {
    const asked: (string | null)[] = [];
    const history = first.filter((one) => one.type === "event" && one.channel === "trades").map((one) => one.data as Trade);
    const missing = history.slice(20, 40).toSorted((one, other) => other.slot - one.slot);
    const pages: Record<string, [Trade[], string | null]> = { "": [missing.slice(0, 10), "more"], more: [missing.slice(10), null] };
    // The store is behind at first, and has but the older ones.
    let through = 0;
    const store = make(memory(), {
      async trades(_, cursor) {
        asked.push(cursor);
        const [items, nextCursor] = pages[through ? (cursor ?? "") : "more"] ?? [[], null];
        return { items, nextCursor };
      },
      through: async () => through,
    });
    store.dispatch(followed(place));
    const [wire] = Wire.made as [Wire];
    wire.onopen?.();
    const heard = answered(first, wire);
    const before = heard.filter((one) => one.type !== "event" || !missing.some(({ id }) => id === (one.data as Trade).id));
    const [at] = heard.flatMap((one, index) => ((one.data as Trade | undefined)?.id === history[20]?.id ? [index] : []));
    const seen = heard[(at ?? 1) - 1];
    wire.hear(...before.slice(0, before.indexOf(seen as Message) + 1));
    const slots = missing.map(({ slot }) => slot);
    const gap = { fromSeq: 0, toSeq: (seen?.seq ?? 0) + 20, fromSlot: Math.min(...slots), toSlot: Math.max(...slots) };
    wire.hear({ type: "gap", channel: "trades", key: trades.key, epoch: seen?.epoch ?? "", seq: gap.toSeq, prevSeq: seen?.seq ?? 0, data: gap });
    await vi.advanceTimersByTimeAsync(50);
    const early = store.getState().live.places[`trades ${trades.key}`];
    expect([asked, early?.gaps, early?.refills]).toEqual([[null], [gap], 0]);
    through = gap.toSlot;
    await vi.advanceTimersByTimeAsync(3_000);
    const one = store.getState().live.places[`trades ${trades.key}`];
    expect([asked, one?.gaps, one?.refills]).toEqual([[null, null, "more"], [], 1]);
    const ids = (one?.data as Items<Trade>).items.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(missing.map(({ id }) => id)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("takes a gap for filled once REST has what was told after it, not before; what it has no more was taken back", async () => {
    const trade = (slot: number) => ({ id: `t${slot}`, slot }) as Trade;
    const of = { channel: "trades" as const, key: trades.key, epoch: "e" };
    // Late trades are of earlier slots, so that a later slot proves nothing.
    let there = [200, 10, 9];
    const store = make(memory(), { trades: async () => ({ items: there.map(trade), nextCursor: null }), through: async () => 0 });
    store.dispatch(followed(place));
    const [wire] = Wire.made as [Wire];
    wire.onopen?.();
    const now = () => {
      const one = store.getState().live.places[`trades ${trades.key}`];
      return [(one?.data as Items<Trade>).items.map(({ slot }) => slot), one?.gaps.length];
    };
    const asked = wire.said[0] as Command & { id: number };
    wire.hear({ type: "ack", ...of, id: asked.id }, { type: "snapshot", ...of, seq: 1, data: { items: there.map(trade) } });
    wire.hear({ type: "gap", ...of, seq: 4, prevSeq: 1, data: { fromSeq: 2, toSeq: 4, fromSlot: 10, toSlot: 12 } });
    await vi.advanceTimersByTimeAsync(50);
    expect(now()).toEqual([[200, 10, 9], 1]);
    wire.hear({ type: "event", ...of, seq: 5, prevSeq: 4, data: trade(13) });
    there = [200, 11, 10, 9];
    await vi.advanceTimersByTimeAsync(3_000);
    expect(now()).toEqual([[200, 13, 11, 10, 9], 1]);
    there = [200, 13, 12, 11, 9];
    await vi.advanceTimersByTimeAsync(3_000);
    expect(now()).toEqual([[200, 13, 12, 11, 9], 0]);
  });

  it("asks again for what could not be answered just now", () => {
    const store = make();
    store.dispatch(followed(place));
    const [wire] = Wire.made as [Wire];
    wire.onopen?.();
    wire.hear({ type: "error", id: wire.said[0]?.op === "subscribe" ? wire.said[0].id : null, data: { code: "unavailable", detail: "" } });
    vi.advanceTimersByTime(2_100);
    expect(wire.said.map((one) => one.op)).toEqual(["subscribe", "subscribe"]);
    store.dispatch(left(place));
    expect(store.getState().live.places).toEqual({});
  });
});

describe("what the browser keeps", () => {
  it("is there again in the next page, and is nothing where it is not ours", () => {
    const storage = memory();
    const store = make(storage);
    for (const mint of ["a", "b", "a", "c"]) store.dispatch(toggled(mint));
    for (const mint of ["x", "y", "x"]) store.dispatch(visited(mint));
    const { prefs } = make(storage).getState();
    expect([prefs.watched, prefs.recent]).toEqual([["c", "b"], ["x", "y"]]);
    for (const text of ["", "[]", "null", '{"watched": 5, "theme": "pink"}', '{"watched": [1, {}]}']) {
      expect(kept(text)).toEqual({ theme: "auto", watched: [], recent: [], views: [] });
    }
  });
});
