/** The chain's time, a second at a time. */
import { useSyncExternalStore } from "react";
import { useAppSelector } from "./hooks.js";

const TICK_MS = 1_000;
/** The chain is not assumed to go on for longer than this without word of it. */
const TRUSTED_MS = 30_000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let second = Math.floor(Date.now() / TICK_MS);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second = Math.floor(Date.now() / TICK_MS);
    for (const one of listeners) one();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The browser's time, in whole seconds as milliseconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => second) * TICK_MS;
}

/** The chain's time in milliseconds: as it was told last, and gone on since. */
export function useChainNow(): number {
  const now = useNow();
  const clock = useAppSelector(({ live }) => live.clock);
  if (!clock) return now;
  return clock.chain + Math.min(TRUSTED_MS, Math.max(0, now - clock.heardAt));
}
