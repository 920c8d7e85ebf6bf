/** The live feed in the store: the model's state, changed by the actions of views and socket. */
import { createAction, type Reducer, type UnknownAction } from "@reduxjs/toolkit";
import type { Message, Place } from "../model/stream/messages.js";
import * as model from "../model/stream/live.js";

/** A view begins, or ends, to look at a place. */
export const followed = createAction<Place>("live/followed");
export const left = createAction<Place>("live/left");
/** What happened to the connection. */
export const connecting = createAction("live/connecting");
export const opened = createAction<{ at: number }>("live/opened");
export const lost = createAction<{ at: number; reason: string | null; isOver: boolean }>("live/lost");
export const took = createAction<{ messages: readonly Message[]; at: number }>("live/took");
/** Events of a gap that REST had. */
export const filled = createAction<model.Fill>("live/filled");
/** What an earlier page saved, where the server cannot be reached. */
export const restoredFrom = createAction<model.Saved>("live/restored");
/** Somebody, or the browser's network, does not want to wait for the next attempt. */
export const hurried = createAction("live/hurried");
export const retried = createAction("live/retried");

/** Not a slice: states here are large and replaced as a whole, which Immer would copy and freeze. */
export const live: Reducer<model.Live> = (state = model.NOTHING, action: UnknownAction) => {
  if (took.match(action)) return model.took(state, action.payload.messages, action.payload.at);
  if (followed.match(action)) return model.follow(state, action.payload);
  if (left.match(action)) return model.leave(state, action.payload);
  if (connecting.match(action)) return model.connecting(state);
  if (opened.match(action)) return model.opened(state, action.payload.at);
  if (lost.match(action)) {
    const { at, reason, isOver } = action.payload;
    return model.lost(state, at, reason, isOver);
  }
  if (filled.match(action)) return model.filled(state, action.payload);
  if (restoredFrom.match(action)) return model.withSaved(state, action.payload);
  if (retried.match(action)) return model.retried(state);
  return state;
};
