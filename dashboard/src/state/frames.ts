/** What is heard between two pictures is one change of the store. */

/** Something that calls back before the next picture, or soon if the page is not seen. */
export type Schedule = (run: () => void) => void;

/** The browser draws no pictures of a page in the background, so a timer stands in. */
const HIDDEN_MS = 500;

export const byPicture: Schedule = (run) => {
  if (document.visibilityState === "hidden") setTimeout(run, HIDDEN_MS);
  else requestAnimationFrame(run);
};

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
