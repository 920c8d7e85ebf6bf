/** When to come back after a connection broke. */

/** So long without anything, heartbeats included, is reason to connect anew. */
export const SILENCE_MS = 5_000;
export const RESTART = 1012;
const NOT_AUTHORISED = 4401;
const BAD_MESSAGE = 4400;
const FIRST_MS = 250;
const MOST_MS = 15_000;

/** What would be refused again. */
export function isOver(code: number): boolean {
  return code === NOT_AUTHORISED || code === BAD_MESSAGE;
}

/** A growing pause that differs from page to page; `chance` is 0 to 1. */
export function pauseMs(attempt: number, chance: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** attempt) * (0.5 + chance / 2);
}

/** How long the server asks to stay away, of the reason it closed with. */
export function awayMs(code: number, reason: string): number {
  if (code !== RESTART) return 0;
  try {
    const told = JSON.parse(reason) as { reconnectInMs?: number };
    return told.reconnectInMs ?? 0;
  } catch {
    return 0;
  }
}
