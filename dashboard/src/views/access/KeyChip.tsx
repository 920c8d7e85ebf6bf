/** The key for servers that answer not everybody: given here, tried before it is kept. */
import { type FormEvent, useId, useState } from "react";
import { figures } from "../../model/figures.js";
import { accessTexts as said } from "../../model/access.js";
import type { Usage } from "../../model/types.js";
import { isKey, keyed } from "../../state/access.js";
import { api, useLazyUsageQuery } from "../../state/api.js";
import { useAppDispatch, useAppSelector } from "../../state/hooks.js";
import css from "./Access.module.css";

/** Of the one place where a key is given; banners lead there. */
export const KEY_PLACE = "key-place";

export function KeyChip() {
  const [isOpen, setOpen] = useState(false);
  const key = useAppSelector(({ access }) => access.key);
  const refusal = useAppSelector(({ access }) => access.refusal);
  const name = key === null ? said.none : said.kept;
  return (
    <>
      <button type="button" className={css.chip} popoverTarget={KEY_PLACE} data-has={key !== null || undefined}
        data-refused={refusal !== null || undefined} aria-label={name} title={name}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <circle cx="5" cy="8" r="3.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M8.200 8h6.300M12 8v2.600" fill="none" stroke="currentColor" strokeWidth="1.600" strokeLinecap="round" />
        </svg>
      </button>
      <div id={KEY_PLACE} popover="auto" className={css.popover} role="dialog" aria-label={said.title}
        onToggle={({ newState }) => setOpen(newState === "open")}>
        {isOpen && <Place known={key} />}
      </div>
    </>
  );
}

function Place({ known }: { known: string | null }) {
  const id = useId();
  const dispatch = useAppDispatch();
  const refusal = useAppSelector(({ access }) => access.refusal);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [usage, setUsage] = useState<Usage | null>(null);
  const [ask, { isFetching }] = useLazyUsageQuery();
  const use = (key: string | null) => {
    dispatch(keyed(key));
    // What was refused, or answered to somebody else, is asked anew.
    dispatch(api.util.resetApiState());
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const key = text.trim();
    if (!isKey(key)) return setWrong(said.noKey);
    const answer = await ask(key);
    if (!answer.data) return setWrong(said.refusal(codeOf(answer.error)));
    setWrong(null);
    setUsage(answer.data);
    setText("");
    use(key);
  };
  return (
    <>
      <h2>{said.title}</h2>
      <p>{said.about}</p>
      {known !== null && refusal && <p className={css.wrong} role="alert">{said.refusal(refusal)}</p>}
      {usage && <p className={css.good} role="status">{said.good(usage.name, usage.scopes.join(", "))}{usage.remainingToday !== null && ` ${said.left(figures.whole(usage.remainingToday))}`}</p>}
      <form onSubmit={(event) => void submit(event)}>
        <label htmlFor={id}>{known === null ? said.label : said.another}</label>
        <div className={css.line}>
          {/* Not a password of a person, which a browser would offer to keep. */}
          <input id={id} type="password" autoComplete="off" spellCheck={false} value={text} aria-invalid={wrong !== null || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined} onChange={({ target }) => setText(target.value)} />
          <button type="submit" disabled={isFetching || !text.trim()}>{said.use}</button>
        </div>
        {wrong && <p id={`${id}-wrong`} className={css.wrong} role="alert">{wrong}</p>}
      </form>
      {known !== null && <button type="button" className={css.forget} onClick={() => { setUsage(null); use(null); }}>{said.forget}</button>}
    </>
  );
}

/** The code of a problem; without one, nobody was reached who could say. */
function codeOf(error: unknown): string {
  const { data } = (error ?? {}) as { data?: { code?: string } | null };
  return data?.code ?? "unreachable";
}
