/** The filters above boards and lists. They are in the address, and nowhere else. */
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { BOUNDS, CATEGORIES, changed, filtersOf, LAUNCHPADS, STAGES, WINDOWS, windowOf } from "../../model/filters.js";
import { nameIn, texts } from "../../model/texts.js";
import { Ranges } from "./Ranges.js";
import { Views } from "./Views.js";
import css from "./FilterBar.module.css";

const TYPING_MS = 300;

export function FilterBar({ hasStage }: { hasStage: boolean }) {
  const [search, setSearch] = useSearchParams();
  const filters = filtersOf(search);
  const set = (change: Record<string, string | null>) =>
    // What is chosen here can be gone back from; a letter typed cannot.
    setSearch((now) => changed(now, change), { replace: "q" in change });
  const isSet = Object.keys(filters).length > 0;
  const { filters: said } = texts;
  return (
    <div className={css.bar} role="search" aria-label={said.label}>
      <Words value={filters.q ?? ""} onChange={(q) => set({ q })} />
      <Choice label={said.launchpad} name="launchpad" value={filters.launchpad} set={set}
        options={LAUNCHPADS.map((one) => [one, nameIn(texts.launchpads, one)])} />
      <Choice label={said.category} name="category" value={filters.category} set={set}
        options={CATEGORIES.map((one) => [one, nameIn(texts.categories, one)])} />
      {hasStage && (
        <Choice label={said.stage} name="stage" value={filters.stage} set={set}
          options={STAGES.map((one) => [one, texts.stages[one]])} />
      )}
      <Ranges filters={filters} set={set} />
      <label className={css.check}>
        <input type="checkbox" checked={filters.hasPost === "true"}
          onChange={({ target }) => set({ hasPost: target.checked ? "true" : null })} />
        {said.hasPost}
      </label>
      {isSet && (
        <button type="button" className={css.clear}
          onClick={() => set(Object.fromEntries([...BOUNDS, ...Object.keys(filters)].map((name) => [name, null])))}>
          {said.clear}
        </button>
      )}
      <Views />
      <div className={css.windows} role="group" aria-label={said.window}>
        {WINDOWS.map((one) => (
          <button key={one} type="button" aria-pressed={one === windowOf(search)}
            onClick={() => set({ window: one === "24h" ? null : one })}>
            {one}
          </button>
        ))}
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  name: string;
  value: string | undefined;
  options: readonly (readonly [string, string])[];
  set: (change: Record<string, string | null>) => void;
}

function Choice({ label, name, value = "", options, set }: ChoiceProps) {
  // An address may name what this list does not: launchpads are an open set.
  const known = options.some(([one]) => one === value);
  return (
    <select className={css.select} aria-label={label} value={value} data-set={value !== "" || undefined}
      onChange={({ target }) => set({ [name]: target.value })}>
      <option value="">{label}</option>
      {options.map(([one, said]) => (
        <option key={one} value={one}>{said}</option>
      ))}
      {value && !known && <option value={value}>{value}</option>}
    </select>
  );
}

function Words({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <input type="search" className={css.words} value={typed} placeholder={texts.filters.text}
      aria-label={texts.filters.text} maxLength={100} onChange={({ target }) => setTyped(target.value)} />
  );
}
