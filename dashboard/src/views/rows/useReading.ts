/** When a list should rest. */
import { useState } from "react";

/** Whether somebody reads a list: points at it, goes through it by keyboard, or has scrolled down. */
export function useReading() {
  const [isOver, setOver] = useState(false);
  const [isWithin, setWithin] = useState(false);
  const [isDown, setDown] = useState(false);
  return {
    isReading: isOver || isWithin || isDown,
    stop: () => {
      setOver(false);
      setWithin(false);
      setDown(false);
    },
    scrolled: (top: number) => setDown(top > 0),
    handlers: {
      onPointerEnter: ({ pointerType }: React.PointerEvent) => setOver(pointerType === "mouse"),
      onPointerLeave: () => setOver(false),
      onFocus: ({ target }: React.FocusEvent) => setWithin(target.matches("a:focus-visible, [aria-pressed]:focus-visible")),
      onBlur: () => setWithin(false),
    },
  };
}
