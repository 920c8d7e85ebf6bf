import { describe, expect, it } from "vitest";
import { askAgain, begin, type Followed, isHole, take } from "../../src/model/stream/follow.js";
import type { Items, LiveCandle } from "../../src/model/stream/merge.js";
import type { Channel, Message } from "../../src/model/stream/messages.js";
import type { Token, Trade } from "../../src/model/types.js";
import { recorded } from "../recorded.js";

const { connections, commands } = recorded();
const [first = [], second = []] = connections;
const CHANNELS: Channel[] = ["token", "trades", "candles", "holders", "status"];

const of = (channel: Channel, messages: Message[]) => messages.filter((one) => one.channel === channel);
const idOf = (channel: Channel, at: number) => commands[at]?.find((one) => one.channel === channel)?.id ?? 0;

function opened(channel: Channel): Followed {
  const key = commands[0]?.find((one) => one.channel === channel)?.key ?? "";
  return begin({ channel, key }, idOf(channel, 0));
}

/** What the server does with `resume`: an answer, then exactly what was missed of this history. */
function resumed(one: Followed, history: Message[]): Message[] {
  const ack: Message = { type: "ack", id: one.asked, channel: one.place.channel, key: one.place.key };
  const missed = history.filter((message) => message.seq && message.seq > (one.seen?.seq ?? 0) && message.type !== "snapshot");
  return [ack, ...missed];
}

const all = (one: Followed, messages: Message[]) => messages.reduce(take, one);

describe("a recorded connection", () => {
  it.each(CHANNELS)("has no holes in %s, and is live after its snapshot", (channel) => {
    let one = opened(channel);
    for (const message of of(channel, first)) {
      expect(isHole(one, message)).toBe(false);
      one = take(one, message);
    }
    expect(one.health).toBe("live");
    expect(one.seen?.seq).toBe(of(channel, first).at(-1)?.seq);
  });

  it.each(CHANNELS)("goes on in %s as the server resumed it, or begins anew after its reset", (channel) => {
    const before = all(opened(channel), of(channel, first));
    const after = all(askAgain(before, idOf(channel, 1), "asked"), of(channel, second));
    const wasReset = of(channel, second).some((one) => one.type === "reset");
    expect(after.resets).toBe(Number(wasReset));
    expect(after.health).toBe("live");
    expect(after.seen?.seq).toBe(of(channel, second).findLast((one) => one.seq)?.seq ?? before.seen?.seq);
  });

  it("ends at the state that each trade's own record says: no doubles, newest first", () => {
    const { items } = all(opened("trades"), of("trades", first)).data as Items<Trade>;
    expect(new Set(items.map((one) => one.id)).size).toBe(items.length);
    const slots = items.map((one) => one.slot);
    expect(slots).toEqual(slots.toSorted((one, other) => other - one));
  });

  it("has candles whose times only grow", () => {
    const { items } = all(opened("candles"), of("candles", first)).data as Items<LiveCandle>;
    expect(items.map((one) => one.time)).toEqual([...new Set(items.map((one) => one.time))].sort());
  });

  it("has a token whose version never goes down", () => {
    let version = 0;
    let one = opened("token");
    for (const message of of("token", first)) {
      one = take(one, message);
      const now = (one.data as Token | null)?.version ?? 0;
      expect(now).toBeGreaterThanOrEqual(version);
      version = now;
    }
    expect(version).toBeGreaterThan(1);
  });
});

describe("whatever happens to a connection, the state is that of one without it", () => {
  const cases = CHANNELS.flatMap((channel) => {
    const history = of(channel, first);
    return history.map((_, cut) => [channel, cut] as const).filter(([, cut]) => cut % 7 === 3 || history.length < 20);
  });
  const whole = (channel: Channel) => all(opened(channel), of(channel, first));

  it.each(cases)("%s, cut after message %i and resumed", (channel, cut) => {
    const history = of(channel, first);
    const before = all(opened(channel), history.slice(0, cut));
    // Without anything seen there is nothing to resume: the server begins with its snapshot.
    if (!before.seen) return;
    const again = askAgain(before, 99, "asked");
    const after = all(again, resumed(again, history));
    expect(after.data).toEqual(whole(channel).data);
    expect(after.seen).toEqual(whole(channel).seen);
  });

  it.each(cases)("%s, message %i lost: the hole is seen at the next one, and refilled", (channel, lost) => {
    const history = of(channel, first);
    const rest = history.slice(lost + 1);
    const before = all(opened(channel), history.slice(0, lost));
    if (!before.seen || !rest.length || history[lost]?.type === "ack") return;
    expect(isHole(before, rest[0] as Message)).toBe(true);
    expect(take(before, rest[0] as Message)).toBe(before);
    const again = askAgain(before, 99, "refilling");
    // What was still under way of the old subscription comes before the answer, and is not taken.
    const after = all(again, [...rest, ...resumed(again, history)]);
    expect(after.data).toEqual(whole(channel).data);
    expect(after.refills).toBe(1);
  });

  it.each(CHANNELS)("%s, every message twice", (channel) => {
    const twice = of(channel, first).flatMap((one) => [one, one]);
    expect(all(opened(channel), twice).data).toEqual(whole(channel).data);
  });
});

describe("a gap of events", () => {
  const gap: Message = { type: "gap", channel: "trades", key: "k", data: { fromSeq: 1, toSeq: 9, fromSlot: 1, toSlot: 2 } };

  it("is known, and what follows it is no hole", () => {
    const before = all(opened("trades"), of("trades", first));
    const { epoch, seq } = before.seen ?? { epoch: "", seq: 0 };
    const after = take(before, { ...gap, epoch, seq: seq + 9, prevSeq: seq });
    expect(after.gaps).toHaveLength(1);
    expect(after.data).toBe(before.data);
    expect(isHole(after, { type: "event", channel: "trades", key: "k", epoch, seq: seq + 10, prevSeq: seq + 9 })).toBe(false);
  });

  it("of another epoch is a hole, since histories do not go on across epochs", () => {
    const before = all(opened("trades"), of("trades", first));
    expect(isHole(before, { ...gap, epoch: "another", seq: 1, prevSeq: 0 })).toBe(true);
  });
});
