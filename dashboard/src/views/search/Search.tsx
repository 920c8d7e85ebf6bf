/** Search with suggestions: a combobox that `/` opens, arrows go through and Enter follows. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { texts } from "../../model/texts.js";
import { Option } from "./Option.js";
import { type Suggestion, useSuggestions } from "./useSuggestions.js";
import css from "./Search.module.css";

export function Search() {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const { options, note, isRecent } = useSuggestions(text, isOpen);
  useSlash(input);

  const close = () => {
    setOpen(false);
    setChosen(-1);
  };
  const visit = (option: Suggestion | undefined) => {
    if (!option?.to) return;
    setText("");
    close();
    input.current?.blur();
    void navigate(option.to);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setOpen(true);
      // From the field to the first, from the last to the field.
      setChosen((now) => ((now + 1 + step + options.length + 1) % (options.length + 1)) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      visit(options[Math.max(0, chosen)]);
    } else if (event.key === "Escape") {
      if (isOpen && text) setText("");
      else input.current?.blur();
      close();
    }
  };

  const isShown = isOpen && (options.length > 0 || note !== null);
  const optionId = (at: number) => `${id}-${at}`;
  return (
    <div className={css.search} role="search" aria-label={texts.search.label}>
      <input
        ref={input} type="text" className={css.input} role="combobox" aria-label={texts.search.label} autoComplete="off"
        spellCheck={false} placeholder={texts.search.placeholder} title={texts.search.hint} maxLength={100} value={text}
        aria-expanded={isShown} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 && isShown ? optionId(chosen) : undefined}
        onChange={({ target }) => {
          setText(target.value);
          setOpen(true);
          setChosen(-1);
        }}
        onFocus={() => setOpen(true)} onBlur={close} onKeyDown={press}
      />
      <kbd className={css.key} aria-hidden="true">/</kbd>
      <span role="status" className="hidden">{isOpen && text.trim() ? (note ?? texts.search.found(options.length)) : ""}</span>
      <div className={css.box} hidden={!isShown}>
        {isRecent && options.length > 0 && <p className={css.about}>{texts.search.recent}</p>}
        {note && <p className={css.about}>{note}</p>}
        {options.length > 0 && <ul id={`${id}-list`} role="listbox" aria-label={texts.search.label} className={css.list}>
          {options.map((option, at) => (
            <li
              key={option.key} id={optionId(at)} role="option" aria-selected={at === chosen} className={css.option}
              // The field keeps the focus, so that it is not closed before the click.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => visit(option)} onPointerMove={() => setChosen(at)}
            >
              <Option option={option} />
            </li>
          ))}
        </ul>}
      </div>
    </div>
  );
}

/** `/`, or Ctrl and K, go to the field from anywhere but another field. */
function useSlash(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
      const isCommand = event.key === "k" && (event.ctrlKey || event.metaKey);
      const isTyping = (event.target as Element).closest("input, textarea, select") !== null;
      if (!isCommand && (!isSlash || isTyping)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [input]);
}
