/** The one store. */
import { combineReducers, configureStore } from "@reduxjs/toolkit";
import { api } from "./api.js";
import { follower, type FollowerOptions } from "./follower.js";
import { live } from "./live.js";
import { keeper, prefs } from "./prefs.js";

const reducer = combineReducers({ live, prefs, [api.reducerPath]: api.reducer });

export type RootState = ReturnType<typeof reducer>;

export interface StoreOptions extends FollowerOptions {
  storage: Storage;
}

export function makeStore(options: StoreOptions) {
  const keeping = keeper(options.storage, options.events);
  const store = configureStore({
    reducer,
    middleware: (defaults) =>
      // The checks of values walk the whole state at each picture; its parts are plain by type.
      defaults({ serializableCheck: false, immutableCheck: false })
        .prepend(keeping.middleware)
        .concat(api.middleware, follower(options)),
  });
  keeping.load(store.dispatch);
  return store;
}

export type Store = ReturnType<typeof makeStore>;
export type Dispatch = Store["dispatch"];
