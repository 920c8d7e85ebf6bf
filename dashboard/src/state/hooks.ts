/** The store in views. */
import { useEffect } from "react";
import { useDispatch, useSelector } from "react-redux";
import { type Followed, type Health } from "../model/stream/follow.js";
import { nameOf, type Place } from "../model/stream/messages.js";
import { followed, left } from "./live.js";
import type { Dispatch, RootState } from "./store.js";

export const useAppDispatch = useDispatch.withTypes<Dispatch>();
export const useAppSelector = useSelector.withTypes<RootState>();

/** What is known of a place that this view follows as long as it is shown. */
export interface Following<Data> {
  data: Data | null;
  health: Health;
  gaps: Followed["gaps"];
  refusal: Followed["refusal"];
}

const UNKNOWN: Following<never> = { data: null, health: "asked", gaps: [], refusal: null };

/** Follow a place, null: none. Its data stay the same object until they change. */
export function usePlace<Data>(place: Place | null): Following<Data> {
  const dispatch = useAppDispatch();
  // A place is a value: what counts is what it says, not which object says it.
  const said = JSON.stringify(place);
  useEffect(() => {
    const one = JSON.parse(said) as Place | null;
    if (!one) return undefined;
    dispatch(followed(one));
    return () => void dispatch(left(one));
  }, [dispatch, said]);
  const one = useAppSelector(({ live }) => (place ? live.places[nameOf(place.channel, place.key)] : undefined));
  return (one as Following<Data> | undefined) ?? UNKNOWN;
}
