/** A chart of candles that follows its series. */
import { useEffect, useRef } from "react";
import type { LiveCandle } from "../model/stream/merge.js";
import type { Mark } from "../model/token/marks.js";
import type { Decimal } from "../model/types.js";
import { onColours } from "./colours.js";
import { Plot } from "./plot.js";

export interface CandleChartProps {
  candles: readonly LiveCandle[];
  marks: readonly Mark[];
  /** What prices are multiplied by; null: nothing. */
  factor: Decimal | null;
  /** What the picture says, for those who do not see it. */
  label: string;
  className?: string | undefined;
  onPoint: (at: number | null) => void;
  onNearStart: () => void;
}

export default function CandleChart({ candles, marks, factor, label, className, onPoint, onNearStart }: CandleChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const listener = useRef({ onPoint, onNearStart });
  useEffect(() => {
    listener.current = { onPoint, onNearStart };
  });
  useEffect(() => {
    const made = new Plot(element.current as HTMLDivElement, {
      pointed: (at) => listener.current.onPoint(at),
      nearStart: () => listener.current.onNearStart(),
    });
    plot.current = made;
    const stop = onColours(() => made.recolour());
    return () => {
      stop();
      made.remove();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.draw(candles, factor), [candles, factor]);
  useEffect(() => plot.current?.mark(marks), [marks]);
  return <div ref={element} className={className} role="img" aria-label={label} />;
}
