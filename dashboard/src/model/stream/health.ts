/** What the page may say of itself: one word for how far what is shown can be trusted. */
import type { Live } from "./live.js";

export type Truth = "connecting" | "live" | "refilling" | "late" | "paused" | "waiting" | "over";

/** Further behind the chain than this is late: a block comes every 0.4 s. */
const LATE_MS = 10_000;

export function truthOf({ connection, places }: Live): Truth {
  const { phase, heartbeat } = connection;
  if (phase === "over" || phase === "waiting") return phase;
  // While it tries again it has not got anywhere yet.
  if (phase !== "open") return connection.lostAt === null ? "connecting" : "waiting";
  if (!heartbeat || connection.beatSerial !== connection.serial) return "connecting";
  if (heartbeat.paused) return "paused";
  if (Object.values(places).some((one) => one.health === "refilling" || one.gaps.length > 0)) return "refilling";
  return (heartbeat.lagMs ?? 0) > LATE_MS ? "late" : "live";
}
