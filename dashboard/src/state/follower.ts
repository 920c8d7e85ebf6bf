/** The live feed as a middleware: it says what the state asks for, and hands on what it hears. */
import type { Middleware } from "@reduxjs/toolkit";
import { commandsFor, type Live } from "../model/stream/live.js";
import type { Message } from "../model/stream/messages.js";
import { pauseMs } from "../model/stream/pause.js";
import { keyed } from "./access.js";
import { type Schedule, collector } from "./frames.js";
import { connecting, hurried, lost, opened, retried, took } from "./live.js";
import { type Loss, Socket, type SocketFactory } from "./socket.js";

const RETRY_MS = 2_000;

export interface FollowerOptions {
  url: string;
  schedule: Schedule;
  /** Who tells of the browser's network, and of what other tabs keep: the window. */
  events: EventTarget;
  webSocket?: SocketFactory;
  now?: () => number;
  chance?: () => number;
}

/** The part of the state that this middleware looks at. */
interface State {
  live: Live;
  access: { key: string | null };
}

export function follower(options: FollowerOptions): Middleware<object, State> {
  const { url, schedule, now = Date.now, chance = Math.random } = options;
  const make = options.webSocket ?? ((to, protocol) => new WebSocket(to, protocol));
  return (store) => {
    let socket: Socket | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = collector<Message>(schedule, (messages) => store.dispatch(took({ messages, at: now() })));

    function connect(): void {
      clearTimeout(timer);
      socket?.close();
      store.dispatch(connecting());
      socket = new Socket(url, { opened: onOpen, heard: hear, lost: onLost }, make);
    }
    function onOpen(): void {
      // A browser can send no headers with a WebSocket: it is said first of all.
      const { key } = store.getState().access;
      if (key !== null) socket?.say({ op: "auth", token: key });
      store.dispatch(opened({ at: now() }));
    }
    function onLost({ reason, isOver, awayMs }: Loss): void {
      store.dispatch(lost({ at: now(), reason, isOver }));
      const { attempt } = store.getState().live.connection;
      if (!isOver) timer = setTimeout(connect, awayMs + pauseMs(attempt - 1, chance()));
    }
    // The network is back, or somebody looks at the page again: no reason to wait any longer.
    for (const event of ["online", "focus"]) options.events.addEventListener(event, hurry);
    function hurry(): void {
      if (store.getState().live.connection.phase === "waiting") connect();
    }
    return (next) => (action) => {
      const { live: before, access } = store.getState();
      const result = next(action);
      const after = store.getState().live;
      for (const command of commandsFor(before, after)) socket?.say(command);
      if (hurried.match(action)) hurry();
      // Who somebody is cannot be taken back within a connection.
      if (keyed.match(action) && action.payload !== access.key && after.connection.phase !== "idle") connect();
      if (before === after) return result;
      if (wantsOne(after)) connect();
      if (isUnavailable(after) && !isUnavailable(before)) setTimeout(() => store.dispatch(retried()), RETRY_MS);
      return result;
    };
  };
}

/** The first place that is followed opens the connection. */
function wantsOne({ connection, places }: Live): boolean {
  return connection.phase === "idle" && Object.keys(places).length > 0;
}

function isUnavailable({ places }: Live): boolean {
  return Object.values(places).some((one) => one.refusal?.code === "unavailable");
}
