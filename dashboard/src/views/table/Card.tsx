/** A part of a page with its heading, and what stands in it while there is nothing to show. */
import { type ReactNode, useId } from "react";
import { texts } from "../../model/texts.js";
import { tokenTexts } from "../../model/token/texts.js";
import { Note, Waiting } from "../parts/Note.js";
import css from "./Card.module.css";

interface CardProps {
  title: string;
  /** What stands beside the heading. */
  aside?: ReactNode;
  area?: string;
  isFlush?: boolean;
  children: ReactNode;
}

export function Card({ title, aside, area, isFlush = false, children }: CardProps) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id} data-area={area}>
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        {aside && <div className={css.aside}>{aside}</div>}
      </div>
      <div className={isFlush ? css.flush : css.body}>{children}</div>
    </section>
  );
}

/** A request's answer; while there is none: bones, or the failure with a way to try again. */
interface AnswerProps<Data> {
  of: { data?: Data | undefined; isError: boolean; refetch: () => unknown };
  rows?: number;
  children: (data: Data) => ReactNode;
}

export function Answer<Data>({ of: { data, isError, refetch }, rows = 3, children }: AnswerProps<Data>) {
  if (data !== undefined) return children(data);
  if (!isError) return <div className={css.bones}><Waiting rows={rows} label={texts.loading} /></div>;
  return (
    <Note title={tokenTexts.failed} isAlert>
      <button type="button" className={css.button} onClick={() => void refetch()}>{tokenTexts.again}</button>
    </Note>
  );
}

/** Facts as pairs of a name and what it is. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className={css.facts}>
      {rows.map((row) => row && <div key={row[0]}><dt>{row[0]}</dt><dd>{row[1]}</dd></div>)}
    </dl>
  );
}

/** One of a few, as buttons of which one is pressed. */
interface ChoiceProps<Value extends string> {
  label: string;
  options: readonly (readonly [Value, string])[];
  value: Value;
  onChoose: (value: Value) => void;
}

export function Choice<Value extends string>({ label, options, value, onChoose }: ChoiceProps<Value>) {
  return (
    <div role="group" aria-label={label} className={css.choice}>
      {options.map(([one, name]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChoose(one)}>{name}</button>
      ))}
    </div>
  );
}

export function More({ onMore, isBusy, children }: { onMore: () => void; isBusy?: boolean; children: ReactNode }) {
  return <p className={css.more}><button type="button" className={css.button} disabled={isBusy} onClick={onMore}>{children}</button></p>;
}
