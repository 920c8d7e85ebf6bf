/** Figures of a token, each written once, with all its digits at hand. */
import { useEffect, useRef } from "react";
import { compare } from "../../model/decimal.js";
import { ageOf, figures } from "../../model/figures.js";
import { texts } from "../../model/texts.js";
import type { Decimal } from "../../model/types.js";
import { useChainNow } from "../../state/clock.js";
import css from "./Figure.module.css";

interface AmountProps {
  value: Decimal | null | undefined;
  unit?: string | null;
  /** The same in dollars, which is shown where it is known. */
  usd?: Decimal | null | undefined;
}

/** An amount; it lights up for a moment when it changes. */
export function Amount({ value, unit, usd }: AmountProps) {
  const before = useRef(value);
  const moved = value && before.current ? compare(value, before.current) : 0;
  useEffect(() => {
    before.current = value;
  }, [value]);
  return (
    // Another key is another element, so that the light begins anew.
    <span key={value} className={moved ? css.moved : undefined} data-to={moved > 0 ? "up" : "down"}
      title={`${figures.exact(value)} ${unit ?? ""}`.trim()}>
      {usd ? figures.dollars(usd) : figures.short(value)}
      {unit && !usd && <span className={css.unit}> {unit}</span>}
    </span>
  );
}

/** A change: its sign, its colour and an arrow say the same. */
export function Change({ share }: { share: number | null | undefined }) {
  const to = !share ? "none" : share > 0 ? "up" : "down";
  return (
    <span className={css.change} data-to={to}>
      {to !== "none" && <span aria-hidden="true">{to === "up" ? "▲" : "▼"}</span>}
      {figures.change(share)}
    </span>
  );
}

export function Age({ time }: { time: string | null | undefined }) {
  const now = useChainNow();
  if (!time) return texts.unknown;
  return (
    <time dateTime={time} title={figures.date(time)}>
      {ageOf(time, now)}
    </time>
  );
}

/** How far a curve is. */
export function Curve({ progress }: { progress: number | null | undefined }) {
  if (progress === null || progress === undefined) return null;
  const said = texts.row.progressOf(figures.share(progress));
  return (
    <span className={css.curve} role="img" aria-label={said} title={said}>
      <span className={css.done} data-full={progress >= 1 || undefined} style={{ width: `${Math.min(1, progress) * 100}%` }} />
    </span>
  );
}
