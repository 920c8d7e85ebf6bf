/** Statuses after which a request may succeed a little later. */
export const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const FIRST_MS = 250;
const MOST_MS = 10_000;

/**
 * Return how long to wait after a number of attempts, in milliseconds: between half of twice the
 * last one and all of it, so that clients that were cut off together do not come back together;
 * never less than the server asked for, in seconds.
 */
export function pauseMs(attempt: number, retryAfter?: string | null, random = Math.random()): number {
  const asked = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : 0;
  return asked + Math.min(MOST_MS, FIRST_MS * 2 ** attempt) * (0.5 + random / 2);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
