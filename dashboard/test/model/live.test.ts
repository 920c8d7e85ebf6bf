import { describe, expect, it } from "vitest";
import { commandsFor, connecting, follow, leave, type Live, lost, NOTHING, opened, took } from "../../src/model/stream/live.js";
import { truthOf } from "../../src/model/stream/health.js";
import type { Message, Place } from "../../src/model/stream/messages.js";
import { recorded } from "../recorded.js";

const { connections: [early = [], second = []], commands } = recorded();
// It was recorded while the server was catching up; how late it was is not what these tests are about.
const inTime = (one: Message) => (one.type === "heartbeat" ? { ...one, data: { ...(one.data as object), lagMs: 500 } } : one);
const first = early.map(inTime);
const places = (commands[0] ?? []) as unknown as Place[];
const board: Place = { channel: "board", key: "new" };
const open = (live: Live) => opened(connecting(live), 1);
const followedAll = () => places.reduce(follow, open(NOTHING));

describe("what must be said", () => {
  it("is one subscription for each place, however many views look at it", () => {
    const before = open(NOTHING);
    const once = follow(before, board);
    expect(commandsFor(before, once)).toMatchObject([{ op: "subscribe", channel: "board", key: "new" }]);
    expect(commandsFor(once, follow(once, board))).toEqual([]);
    expect(commandsFor(follow(once, board), leave(follow(once, board), board))).toEqual([]);
    expect(commandsFor(once, leave(once, board))).toEqual([{ op: "unsubscribe", channel: "board", key: "new" }]);
  });

  it("is nothing until the connection is open, and then everything", () => {
    const early = follow(follow(NOTHING, board), { channel: "status", key: "all" });
    expect(commandsFor(NOTHING, early)).toEqual([]);
    expect(commandsFor(connecting(early), open(early))).toHaveLength(2);
  });

  it("is where each place was, once a new connection is open", () => {
    const live = took(followedAll(), first, 2);
    const again = open(lost(live, 3, null, false));
    for (const command of commandsFor(lost(live, 3, null, false), again)) {
      expect(command).toMatchObject({ op: "subscribe", resume: { epoch: expect.any(String), seq: expect.any(Number) } });
    }
    expect(Object.keys(again.places)).toHaveLength(places.length);
  });

  it("is the end of the old subscription before another one with other filters", () => {
    const before = follow(open(NOTHING), board);
    const after = follow(before, { ...board, filters: { launchpad: "believe" } });
    expect(commandsFor(before, after).map((one) => one.op)).toEqual(["unsubscribe", "subscribe"]);
  });

  it("is to ask anew for a place that a message is missing of", () => {
    const trades = first.filter((one) => one.channel === "trades" && one.type === "event");
    const live = took(followedAll(), first, 2);
    const late = { ...trades[0], seq: (trades.at(-1)?.seq ?? 0) + 5, prevSeq: (trades.at(-1)?.seq ?? 0) + 4 } as Message;
    const after = took(live, [late], 3);
    expect(commandsFor(live, after).map((one) => [one.op, "channel" in one && one.channel])).toEqual([["unsubscribe", "trades"], ["subscribe", "trades"]]);
    expect(truthOf(after)).toBe("refilling");
  });
});

describe("what the page says of itself", () => {
  it("is live only with a heartbeat of this very connection", () => {
    const live = took(followedAll(), first, 2);
    expect(truthOf(live)).toBe("live");
    const cut = lost(live, 3, null, false);
    expect(truthOf(cut)).toBe("waiting");
    expect(truthOf(connecting(cut))).toBe("waiting");
    expect(truthOf(open(cut))).toBe("connecting");
    const beat = inTime(second.find((one) => one.type === "heartbeat") as Message);
    expect(truthOf(took(open(cut), [beat], 4))).toBe("live");
  });

  it("takes pictures from the API only while that says it has them", () => {
    const welcome = (data: object): Message => ({ type: "welcome", data });
    const told = took(open(NOTHING), [welcome({ pictures: true })], 2);
    expect(told.connection.hasPictures).toBe(true);
    expect(took(told, [welcome({})], 3).connection.hasPictures).toBe(false);
  });

  it("is late, paused or over when the server says so", () => {
    const beat = (data: object): Message => ({ type: "heartbeat", data: { headSlot: 1, lagMs: 0, paused: false, ...data } });
    expect(truthOf(took(followedAll(), [beat({ lagMs: 60_000 })], 2))).toBe("late");
    expect(truthOf(took(followedAll(), [beat({ paused: true })], 2))).toBe("paused");
    expect(truthOf(lost(followedAll(), 3, "no", true))).toBe("over");
  });
});

it("what was under way before a cut does not say that the connection is back", () => {
  const cut = lost(took(followedAll(), first, 2), 3, null, false);
  expect(took(cut, second.slice(0, 5), 4).connection).toEqual(cut.connection);
});
