/** A client of Btracker: REST with pages and retries, the live stream without holes. */

export { Client, type Candle, type Holder, type Token, type Trade } from "./client.js";
export { ClosedError, ProblemError, type ProblemDocument } from "./errors.js";
export { Follower, follow, merged, type Message, type Place } from "./live.js";
export { pauseMs } from "./retry.js";
export type { components, paths } from "./generated/api.js";
