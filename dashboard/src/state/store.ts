/** The one store. */
import { combineReducers, configureStore } from "@reduxjs/toolkit";
import { access, keptKey, keyed } from "./access.js";
import { api } from "./api.js";
import { follower, type FollowerOptions } from "./follower.js";
import { gapFiller, type Rest } from "./gaps.js";
import { keeper, type Kept } from "./keeper.js";
import { live } from "./live.js";
import { kept, loaded, prefs, PREFS } from "./prefs.js";
import { rest } from "./rest.js";
import { saver, type Shelf } from "./saved.js";

const reducer = combineReducers({ access, live, prefs, rest, [api.reducerPath]: api.reducer });

export type RootState = ReturnType<typeof reducer>;

/** The key apart from the rest, which may be shown or copied. */
const KEPT: readonly Kept<RootState>[] = [
  { name: "btracker.key.1", text: ({ access: { key } }) => key, load: (text) => keyed(keptKey(text)) },
  { name: PREFS, text: ({ prefs: known }) => JSON.stringify(known), load: (text) => loaded(kept(text)) },
];

export interface StoreOptions extends FollowerOptions {
  rest: Rest;
  storage: Storage;
  /** Where boards are saved for a page without a network; null: nowhere. */
  shelf: Shelf | null;
}

export function makeStore(options: StoreOptions) {
  const keeping = keeper(options.storage, options.events, KEPT);
  const store = configureStore({
    reducer,
    middleware: (defaults) =>
      // The checks of values walk the whole state at each picture; its parts are plain by type.
      defaults({ serializableCheck: false, immutableCheck: false })
        .prepend(keeping.middleware)
        .concat(api.middleware, saver(options.shelf), gapFiller(options.rest), follower(options)),
  });
  keeping.load(store.dispatch);
  return store;
}

export type Store = ReturnType<typeof makeStore>;
export type Dispatch = Store["dispatch"];
