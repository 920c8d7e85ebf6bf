/** The boards, side by side; on a phone one at a time. */
import type { KeyboardEvent } from "react";
import { useSearchParams } from "react-router";
import { BOARDS, type BoardName, changed, filtersOf, windowOf } from "../../model/filters.js";
import { texts } from "../../model/texts.js";
import { FilterBar } from "../filters/FilterBar.js";
import { Column } from "./Column.js";
import { useTitle } from "../parts/useTitle.js";
import { useMedia } from "../parts/useMedia.js";
import css from "./BoardsPage.module.css";

const PHONE = "(max-width: 719px)";

export function BoardsPage() {
  const [search, setSearch] = useSearchParams();
  const isPhone = useMedia(PHONE);
  useTitle();
  const filters = filtersOf(search);
  const chosen = BOARDS.find((name) => name === search.get("board")) ?? "new";
  const names = isPhone ? [chosen] : BOARDS;
  return (
    <>
      <h1 className="hidden">{texts.boards.label}</h1>
      <FilterBar hasStage={false} />
      {isPhone && (
        <Choice chosen={chosen} choose={(board) => setSearch(changed(search, { board }), { replace: true })} />
      )}
      <div className={css.boards} onKeyDown={across}>
        {names.map((name) => (
          <Column
            key={name} {...{ name, filters }} window={windowOf(search)}
            onReset={() => setSearch(new URLSearchParams())}
          />
        ))}
      </div>
    </>
  );
}

/** From a row to the one beside it: arrows up and down are each column's own. */
function across(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  const link = (event.target as Element).closest<HTMLElement>("li a");
  if (!step || !link) return;
  const columns = [...event.currentTarget.querySelectorAll("[data-board]")].filter((one) => one.querySelector("li a"));
  const links = columns[columns.findIndex((one) => one.contains(link)) + step]?.querySelectorAll<HTMLElement>("li a");
  if (!links) return;
  event.preventDefault();
  const height = link.getBoundingClientRect().top;
  const distance = (one: HTMLElement) => Math.abs(one.getBoundingClientRect().top - height);
  [...links].reduce((best, one) => (distance(one) < distance(best) ? one : best)).focus();
}

function Choice({ chosen, choose }: { chosen: BoardName; choose: (name: BoardName) => void }) {
  return (
    <div className={css.choice} role="group" aria-label={texts.boards.label}>
      {BOARDS.map((name) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
          {texts.boards[name]}
        </button>
      ))}
    </div>
  );
}
