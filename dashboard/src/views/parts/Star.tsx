/** The star of a token: whether it is watched. */
import { texts } from "../../model/texts.js";
import { useAppDispatch, useAppSelector } from "../../state/hooks.js";
import { toggled } from "../../state/prefs.js";
import css from "./Star.module.css";

export function Star({ mint, name, tabIndex }: { mint: string; name: string; tabIndex?: number }) {
  const dispatch = useAppDispatch();
  const isWatched = useAppSelector(({ prefs }) => prefs.watched.includes(mint));
  return (
    <button
      type="button" className={css.star} tabIndex={tabIndex} aria-pressed={isWatched}
      aria-label={texts.row.watch(name)} title={isWatched ? texts.row.unwatch(name) : texts.row.watch(name)}
      onClick={() => dispatch(toggled(mint))}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M8 1.8l1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z" />
      </svg>
    </button>
  );
}
