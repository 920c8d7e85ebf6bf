/** The resume protocol of one place, as a state machine: pure, so that recordings can test it. */
import { merged } from "./merge.js";
import type { Command, Gap, Message, Place, Seen } from "./messages.js";

/**
 * asked: the command is under way; opening: waits for its first state; live: up to date;
 * refilling: something was missing and has been asked for anew; refused: see `refusal`.
 */
export type Health = "asked" | "opening" | "live" | "refilling" | "refused";

export interface Followed {
  place: Place;
  health: Health;
  /** The id of the command that opened the place last; what came before its answer is not taken. */
  asked: number;
  isAnswered: boolean;
  seen: Seen | null;
  data: unknown;
  /** Events that the server had to drop; REST has them. */
  gaps: readonly Gap[];
  /** Messages that were missing and were got after all, and states that had to begin anew. */
  refills: number;
  resets: number;
  refusal: { code: string; detail: string } | null;
  /** How many views look at it. */
  users: number;
}

export function begin(place: Place, asked: number): Followed {
  return {
    place, asked, health: "asked", isAnswered: false, seen: null, data: null, gaps: [],
    refills: 0, resets: 0, refusal: null, users: 1,
  };
}

/** The place is opened anew where it was left: after a cut, or because something is missing. */
export function askAgain(one: Followed, asked: number, health: "asked" | "refilling"): Followed {
  return { ...one, asked, health, isAnswered: false, refusal: null };
}

export function subscribe(one: Followed): Command {
  const resume = one.seen ? { resume: one.seen } : {};
  return { op: "subscribe", id: one.asked, ...one.place, ...resume };
}

/** Whether a message that came out of turn means that the place must be asked for anew. */
export function isHole(one: Followed, message: Message): boolean {
  if (!one.isAnswered || !one.seen || !isChange(message)) return false;
  const { epoch, seq } = one.seen;
  if (message.epoch !== epoch) return true;
  return (message.seq ?? 0) > seq && message.prevSeq !== seq;
}

/** The place after a message of it. A hole leaves it as it was: see `isHole`. */
export function take(one: Followed, message: Message): Followed {
  if (message.type === "ack") return message.id === one.asked ? answered(one) : one;
  if (message.type === "error") return message.id === one.asked ? refused(one, message) : one;
  if (!one.isAnswered) return one;
  if (message.type === "reset") {
    return { ...one, seen: null, health: "opening", gaps: [], resets: one.resets + 1 };
  }
  if (message.type === "snapshot") return moved({ ...one, gaps: [] }, message);
  if (!one.seen || !isChange(message) || isHole(one, message)) return one;
  return (message.seq ?? 0) <= one.seen.seq ? one : moved(one, message);
}

function answered(one: Followed): Followed {
  const refills = one.health === "refilling" ? one.refills + 1 : one.refills;
  return { ...one, isAnswered: true, refills, health: one.seen ? "live" : "opening" };
}

function refused(one: Followed, message: Message): Followed {
  return { ...one, health: "refused", refusal: message.data as Followed["refusal"] };
}

function moved(one: Followed, message: Message): Followed {
  const seen = { epoch: message.epoch ?? "", seq: message.seq ?? 0 };
  if (message.type === "gap") return { ...one, seen, gaps: [...one.gaps, message.data as Gap] };
  return { ...one, seen, health: "live", data: merged(one.place.channel, one.data, message) };
}

function isChange({ type }: Message): boolean {
  return type === "delta" || type === "event" || type === "candle" || type === "gap";
}
