import { ClosedError } from "./errors.js";
import { pauseMs, sleep } from "./retry.js";

const PROTOCOL = "btracker.v1+json";
/** So long without a heartbeat is reason to connect anew. */
const SILENCE_MS = 5_000;
const FOR_GOOD: ReadonlySet<number> = new Set([4400, 4401]);
const RESTART = 1012;
/** Neither cache nor store can answer; what is refused otherwise would be again. */
const NOT_NOW = "unavailable";

/** What can be followed; `filters` are for boards, `maxRate` is in messages a second. */
export interface Place {
  channel: "token" | "trades" | "candles" | "holders" | "board" | "launches" | "posts" | "status";
  key?: string;
  maxRate?: number;
  filters?: Record<string, string | boolean>;
}

/** A message of a place. Shapes of `data` are in contracts/asyncapi.json. */
export interface Message {
  type: string;
  channel: string;
  key: string;
  epoch: string;
  seq: number;
  prevSeq: number | null;
  slot: number;
  data: any;
}

export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface StreamOptions {
  /** A token or key; it is said within the connection, since browsers cannot send headers. */
  credential?: string;
  webSocket?: new (url: string, protocols: string[]) => WebSocketLike;
}

/** Return the state of a token, board or account list after a message. */
export function merged<State extends object>(state: State, message: Message): State {
  return message.type === "snapshot" ? { ...message.data } : { ...state, ...message.data };
}

/** Where each place stands: what has been seen of it, and what a message means for it. */
export class Follower {
  readonly places: ReadonlyMap<string, Place>;
  readonly #seen = new Map<string, { epoch: string; seq: number }>();

  constructor(places: readonly Place[]) {
    this.places = new Map(places.map((place) => [nameOf(place.channel, place.key ?? "all"), place]));
  }

  /** The command that opens a place where it was left. */
  subscribe(name: string): object {
    const { channel, key = "all", maxRate, filters } = this.places.get(name)!;
    return { op: "subscribe", channel, key, maxRate, filters, resume: this.#seen.get(name) };
  }

  /** Whether a message is new, old, or has something missing before it. */
  take(message: Message): "new" | "old" | "gone" {
    const name = nameOf(message.channel, message.key);
    const seen = this.#seen.get(name);
    const { epoch, seq } = message;
    if (message.type === "reset") {
      this.#seen.delete(name);
      return "new";
    }
    if (message.type !== "snapshot" && seen) {
      if (epoch === seen.epoch && seq <= seen.seq) return "old";
      if (epoch !== seen.epoch || message.prevSeq !== seen.seq) return "gone";
    }
    this.#seen.set(name, { epoch, seq });
    return "new";
  }
}

/**
 * Yield the messages of some places, for ever; leave the loop to stop.
 *
 * A connection that breaks or is silent for 5 s is made anew, after a while that differs from
 * client to client, and each place goes on where it was. Where what was missed cannot be had, a
 * `reset` and a snapshot say so; a `gap` names events that were read too slowly. So it is where
 * the API cannot answer just now. What would be refused again is a `ClosedError`.
 */
export async function* follow(
  url: string,
  places: readonly Place[],
  options: StreamOptions = {},
): AsyncGenerator<Message> {
  const follower = new Follower(places);
  for (let attempt = 0; ; attempt += 1) {
    const connection = new Connection(url, follower, options);
    try {
      for await (const message of connection.messages()) {
        attempt = 0;
        yield message;
      }
    } finally {
      connection.close();
    }
    await sleep(connection.atLeastMs + pauseMs(attempt));
  }
}

/** One connection: it ends with a close, an error, or too long a silence. */
class Connection {
  atLeastMs = 0;
  readonly #socket: WebSocketLike;
  readonly #waiting: Message[] = [];
  #wake: () => void = () => {};
  #ended = false;
  #failure: ClosedError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, readonly follower: Follower, options: StreamOptions) {
    const Made = options.webSocket ?? (globalThis.WebSocket as StreamOptions["webSocket"]);
    if (!Made) {
      throw new Error("No WebSocket here: start Node 20 with --experimental-websocket, or give one.");
    }
    this.#socket = new Made(url, [PROTOCOL]);
    this.#socket.onopen = () => {
      if (options.credential) this.#say({ op: "auth", token: options.credential });
      for (const name of follower.places.keys()) this.#say(follower.subscribe(name));
    };
    this.#socket.onmessage = (event) => this.#take(JSON.parse(event.data) as Message);
    this.#socket.onclose = (event) => this.#closed(event.code, event.reason);
    this.#socket.onerror = () => this.#end();
    this.#listen();
  }

  async *messages(): AsyncGenerator<Message> {
    for (;;) {
      while (this.#waiting.length) yield this.#waiting.shift()!;
      if (this.#failure) throw this.#failure;
      if (this.#ended) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket.onclose = this.#socket.onmessage = this.#socket.onopen = null;
    this.#socket.close();
  }

  #take(message: Message): void {
    this.#listen();
    if (message.type === "error" && message.data.code === NOT_NOW) {
      this.#end();
      return;
    }
    if (message.type === "error") {
      this.#fail(4400, `${message.data.code}: ${message.data.detail}`);
      return;
    }
    const name = nameOf(message.channel, message.key);
    if (!this.follower.places.has(name) || message.type === "ack") return;
    const found = this.follower.take(message);
    if (found === "new") {
      this.#waiting.push(message);
      this.#wake();
    } else if (found === "gone") {
      // Ask for all that came after what was seen last.
      this.#say({ op: "unsubscribe", channel: message.channel, key: message.key });
      this.#say(this.follower.subscribe(name));
    }
  }

  #listen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), SILENCE_MS);
  }

  #closed(code: number, reason: string): void {
    if (FOR_GOOD.has(code)) this.#fail(code, reason);
    if (code === RESTART && reason) this.atLeastMs = JSON.parse(reason).reconnectInMs ?? 0;
    this.#end();
  }

  #fail(code: number, reason: string): void {
    this.#failure = new ClosedError(code, reason);
    this.#wake();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  #say(command: object): void {
    this.#socket.send(JSON.stringify(command));
  }
}

function nameOf(channel: string, key: string): string {
  return `${channel} ${key}`;
}
