/** Bounds on figures, in a popover; they are said in people's units and sent in the API's. */
import { useId, useState } from "react";
import { scaled } from "../../model/decimal.js";
import { BOUNDS, FIGURES, type FigureName, type Filters } from "../../model/filters.js";
import { isDecimal } from "../../model/decimal.js";
import { texts } from "../../model/texts.js";
import css from "./FilterBar.module.css";

interface RangesProps {
  filters: Filters;
  set: (change: Record<string, string | null>) => void;
}

export function Ranges({ filters, set }: RangesProps) {
  const id = useId();
  const count = BOUNDS.filter((name) => filters[name] !== undefined).length;
  const { filters: said } = texts;
  return (
    <>
      <button type="button" className={css.ranges} popoverTarget={id} data-set={count > 0 || undefined}>
        {count ? said.rangesSet(count) : said.ranges}
      </button>
      <div id={id} popover="auto" className={css.popover} role="group" aria-label={said.ranges}>
        {FIGURES.map((figure) => (
          <fieldset key={figure} className={css.range}>
            <legend>{said.figures[figure]}</legend>
            {(["min", "max"] as const).map((end) => (
              <Bound key={end} {...{ figure, end }} value={filters[`${end}${figure}`] ?? ""}
                onSet={(value) => set({ [`${end}${figure}`]: value })} />
            ))}
          </fieldset>
        ))}
        <p className={css.hint}>{said.amounts}</p>
      </div>
    </>
  );
}

interface BoundProps {
  figure: FigureName;
  end: "min" | "max";
  value: string;
  onSet: (value: string) => void;
}

function Bound({ figure, end, value, onSet }: BoundProps) {
  const shown = value === "" ? "" : shownAs(figure, value);
  const [typed, setTyped] = useState(shown);
  const [known, setKnown] = useState(shown);
  if (known !== shown) {
    // The address changed, perhaps by going back.
    setKnown(shown);
    setTyped(shown);
  }
  const text = typed.trim().replace(",", ".");
  const isBad = text !== "" && (!isDecimal(text) || text.startsWith("-"));
  const { filters: said } = texts;
  const label = (end === "min" ? said.least : said.most)(said.figures[figure]);
  return (
    <input inputMode="decimal" placeholder={said[end]} aria-label={label} value={typed} aria-invalid={isBad || undefined}
      title={isBad ? said.bad : undefined} onChange={({ target }) => setTyped(target.value)}
      onBlur={() => !isBad && text !== shown && onSet(text === "" ? "" : sentAs(figure, text))}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()} />
  );
}

/** Percent for shares of 1, minutes for seconds; whole numbers of other units otherwise. */
function sentAs(figure: FigureName, text: string): string {
  if (figure === "Progress") return scaled(text, 1n, 100n);
  return figure === "Age" ? scaled(text, 60n, 1n) : text;
}

function shownAs(figure: FigureName, text: string): string {
  if (figure === "Progress") return scaled(text, 100n, 1n);
  return figure === "Age" ? scaled(text, 1n, 60n) : text;
}
