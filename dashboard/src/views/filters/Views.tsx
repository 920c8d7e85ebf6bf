/** Saved views of a page: filters and sorting under a name, kept in this browser. */
import { type FormEvent, useId, useState } from "react";
import { Link, useLocation, useSearchParams } from "react-router";
import { texts } from "../../model/texts.js";
import { FILTERED, NAME_MOST, type SavedView, viewOf } from "../../model/views.js";
import { useAppDispatch, useAppSelector } from "../../state/hooks.js";
import { viewForgotten, viewSaved } from "../../state/prefs.js";
import css from "./FilterBar.module.css";

const { views: said } = texts;

export function Views() {
  const id = useId();
  const { pathname } = useLocation();
  const path = FILTERED.find((one) => one === pathname);
  const all = useAppSelector(({ prefs }) => prefs.views);
  const [search] = useSearchParams();
  if (!path) return null;
  const view = viewOf(search);
  const views = all.filter((one) => one.path === path);
  const current = views.find((one) => one.search === view);
  return (
    <>
      <button type="button" className={css.views} popoverTarget={id} data-set={current ? true : undefined}>{current?.name ?? said.title}</button>
      <div id={id} popover="auto" className={css.popover} data-views role="dialog" aria-label={said.title}>
        {views.length === 0 && <p className={css.hint}>{said.empty}</p>}
        <ul className={css.saved}>
          {views.map((one) => <Saved key={one.name} view={one} isCurrent={one === current} />)}
        </ul>
        <Name key={view} onName={(name) => ({ name, path, search: view })} />
      </div>
    </>
  );
}

function Saved({ view, isCurrent }: { view: SavedView; isCurrent: boolean }) {
  const dispatch = useAppDispatch();
  return (
    <li>
      <Link to={{ pathname: view.path, search: view.search }} aria-current={isCurrent || undefined}>{view.name}</Link>
      <button type="button" aria-label={said.forget(view.name)} title={said.forget(view.name)} onClick={() => dispatch(viewForgotten(view))}>×</button>
    </li>
  );
}

function Name({ onName }: { onName: (name: string) => SavedView }) {
  const dispatch = useAppDispatch();
  const [name, setName] = useState("");
  const save = (event: FormEvent) => {
    event.preventDefault();
    dispatch(viewSaved(onName(name)));
    setName("");
  };
  return (
    <form className={css.naming} onSubmit={save}>
      <input value={name} maxLength={NAME_MOST} aria-label={said.name} placeholder={said.name} onChange={({ target }) => setName(target.value)} />
      <button type="submit" disabled={!name.trim()}>{said.save}</button>
    </form>
  );
}
