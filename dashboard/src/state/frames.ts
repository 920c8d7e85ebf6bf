/** What is heard between two pictures is one change of the store. */

/** Something that calls back before the next picture, or soon if the page is not seen. */
export type Schedule = (run: () => void) => void;

/** A page in the background gets no pictures, not even one that it was promised before it went there. */
const HIDDEN_MS = 500;

export const byPicture: Schedule = (run) => {
  const once = () => {
    cancelAnimationFrame(picture);
    clearTimeout(timer);
    run();
  };
  const picture = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_MS);
};

/** Nobody reads more than so many changes in a second, and each has much of the page drawn anew. */
export const LEAST_MS = 125;

/** A schedule that leaves the page so long to itself between two changes; after a pause, one comes at once. */
export function paced(schedule: Schedule, leastMs: number, now: () => number = () => performance.now()): Schedule {
  let ended = -Infinity;
  return (run) => {
    const soon = () => schedule(() => {
      run();
      ended = now();
    });
    const wait = ended + leastMs - now();
    if (wait > 0) setTimeout(soon, wait);
    else soon();
  };
}

/** Return a function that collects, and hands on all that it got, once a picture. */
export function collector<Item>(schedule: Schedule, handOn: (items: Item[]) => void): (item: Item) => void {
  let waiting: Item[] = [];
  return (item) => {
    waiting.push(item);
    if (waiting.length > 1) return;
    schedule(() => {
      const items = waiting;
      waiting = [];
      handOn(items);
    });
  };
}
