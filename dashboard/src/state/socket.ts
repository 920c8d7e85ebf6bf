/** One WebSocket for the whole page. It hands on what it hears, and says when it is lost. */
import { type Command, type Message, PROTOCOL } from "../model/stream/messages.js";
import { awayMs, isOver, SILENCE_MS } from "../model/stream/pause.js";

/** How a connection ended: for good, or to come back in `awayMs` at the earliest. */
export interface Loss {
  reason: string | null;
  isOver: boolean;
  awayMs: number;
}

export interface Listener {
  opened(): void;
  heard(message: Message): void;
  lost(how: Loss): void;
}

export type SocketFactory = (url: string, protocol: string) => WebSocket;

export class Socket {
  readonly #socket: WebSocket;
  readonly #listener: Listener;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, listener: Listener, make: SocketFactory) {
    this.#listener = listener;
    this.#socket = make(url, PROTOCOL);
    this.#socket.onopen = () => listener.opened();
    this.#socket.onmessage = ({ data }: MessageEvent<string>) => {
      this.#listen();
      listener.heard(JSON.parse(data) as Message);
    };
    this.#socket.onclose = ({ code, reason }) =>
      this.#end({ reason: reason || null, isOver: isOver(code), awayMs: awayMs(code, reason) });
    this.#listen();
  }

  say(command: Command): void {
    this.#socket.send(JSON.stringify(command));
  }

  /** End it without a word to the listener. */
  close(): void {
    clearTimeout(this.#silence);
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end({ reason: null, isOver: false, awayMs: 0 }), SILENCE_MS);
  }

  #end(how: Loss): void {
    this.close();
    this.#listener.lost(how);
  }
}
