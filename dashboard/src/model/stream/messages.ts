/** What goes over the WebSocket, as contracts/asyncapi.json says it. */

export const PROTOCOL = "btracker.v1+json";

export type Channel =
  | "token" | "trades" | "candles" | "holders" | "board" | "launches" | "posts" | "status";

/** What can be followed; `filters` are for boards, `maxRate` is in messages a second. */
export interface Place {
  channel: Channel;
  key: string;
  maxRate?: number;
  filters?: Readonly<Record<string, string | boolean>>;
}

export interface Message {
  type:
    | "welcome" | "ack" | "snapshot" | "delta" | "event" | "candle" | "gap" | "reset"
    | "heartbeat" | "error";
  id?: number | string | null;
  channel?: Channel | null;
  key?: string | null;
  epoch?: string | null;
  seq?: number | null;
  prevSeq?: number | null;
  slot?: number | null;
  ts?: string | null;
  data?: unknown;
}

export interface Heartbeat {
  headSlot: number;
  lagMs: number | null;
  /** The cache is out of reach: nothing comes. */
  paused: boolean;
}

/** What the API says of itself first. */
export interface Welcome {
  /** Whether it fetches pictures of tokens. */
  pictures?: boolean;
}

export interface Gap {
  fromSeq: number;
  toSeq: number;
  fromSlot: number;
  toSlot: number;
}

/** Where a client was in the history of a place. */
export interface Seen {
  epoch: string;
  seq: number;
}

export type Command =
  | ({ op: "subscribe"; id: number; resume?: Seen } & Place)
  | { op: "unsubscribe"; channel: Channel; key: string }
  | { op: "auth"; token: string };

/** The name of a place within one connection. */
export function nameOf(channel: string, key: string): string {
  return `${channel} ${key}`;
}
