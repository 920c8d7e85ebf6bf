/** The boards, side by side; on a phone one at a time. */
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
      <div className={css.boards}>
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
