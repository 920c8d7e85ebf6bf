/** What the browser keeps from one visit to the next, and what its other tabs change of it. */
import { createListenerMiddleware, type UnknownAction } from "@reduxjs/toolkit";

/** A part of the state: under which name it is kept, as which text, and what brings it back. */
export interface Kept<State> {
  name: string;
  /** Null: nothing is kept. */
  text: (state: State) => string | null;
  load: (text: string | null) => UnknownAction;
}

export function keeper<State>(storage: Storage, events: EventTarget, parts: readonly Kept<State>[]) {
  const listening = createListenerMiddleware<State>();
  // What was loaded is there already, and what another tab kept is not for this one to keep.
  let isLoading = false;
  for (const part of parts) {
    listening.startListening({
      predicate: (_, now, before) => !isLoading && part.text(now) !== part.text(before),
      effect: (_, { getState }) => write(storage, part.name, part.text(getState())),
    });
  }
  return {
    middleware: listening.middleware,
    load: (dispatch: (action: UnknownAction) => void) => {
      const load = (part: Kept<State>) => {
        isLoading = true;
        dispatch(part.load(read(storage, part.name)));
        isLoading = false;
      };
      parts.forEach(load);
      events.addEventListener("storage", (event) => {
        for (const part of parts) if ((event as StorageEvent).key === part.name) load(part);
      });
    },
  };
}

function write(storage: Storage, name: string, text: string | null): void {
  try {
    if (text === null) storage.removeItem(name);
    else storage.setItem(name, text);
  } catch {
    // Storage that is full or forbidden costs the memory of this page, and nothing else.
  }
}

function read(storage: Storage, name: string): string | null {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}
