/** The one store. */
import { combineReducers, configureStore } from "@reduxjs/toolkit";
import { api } from "./api.js";
import { follower, type FollowerOptions } from "./follower.js";
import { live } from "./live.js";

const reducer = combineReducers({ live, [api.reducerPath]: api.reducer });

export type RootState = ReturnType<typeof reducer>;

export function makeStore(options: FollowerOptions) {
  return configureStore({
    reducer,
    middleware: (defaults) =>
      // The checks of values walk the whole state at each picture; its parts are plain by type.
      defaults({ serializableCheck: false, immutableCheck: false })
        .concat(api.middleware)
        .concat(follower(options)),
  });
}

export type Store = ReturnType<typeof makeStore>;
export type Dispatch = Store["dispatch"];
