/** The order that a list shows, from one picture to the next. */
import { useRef } from "react";
import { type Held, heldOrder } from "../../model/held.js";
import type { Token } from "../../model/types.js";

export function useHeld(tokens: readonly Token[], isHeld: boolean): Held {
  const before = useRef<readonly Token[]>([]);
  const held = heldOrder(tokens, before.current, isHeld);
  before.current = held.shown;
  return held;
}
