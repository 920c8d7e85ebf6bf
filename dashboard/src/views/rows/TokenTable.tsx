/** A table of tokens, of which only the rows in view exist. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useRef } from "react";
import type { Sort } from "../../model/filters.js";
import { texts } from "../../model/texts.js";
import type { Token, Window } from "../../model/types.js";
import { COLUMNS, type Column } from "./columns.js";
import css from "./TokenTable.module.css";

const ROW_HEIGHT = 48;
const NEAR_END = 10 * ROW_HEIGHT;

export interface Sorting {
  sortBy: Sort;
  sortOrder: "asc" | "desc";
  onSort: (sort: Sort) => void;
}

interface TokenTableProps {
  tokens: readonly Token[];
  window: Window;
  caption: string;
  sorting?: Sorting;
  onEnd?: () => void;
}

export function TokenTable({ tokens, window, caption, sorting, onEnd }: TokenTableProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: tokens.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => tokens[index]?.mint ?? index,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const above = rows[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (rows.at(-1)?.end ?? 0);
  return (
    <div
      // What scrolls must be reached by the keyboard.
      ref={scroll} className={css.scroll} tabIndex={0} role="region" aria-label={caption}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        if (scrollHeight - scrollTop - clientHeight < NEAR_END) onEnd?.();
      }}
    >
      <table className={css.table} aria-rowcount={tokens.length + 1}>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((column) => <Head key={column.key} {...{ column, window, sorting }} />)}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden="true" style={{ height: above }} />}
          {rows.map(({ index, key }) => <Row key={key} at={index} token={tokens[index] as Token} window={window} />)}
          {below > 0 && <tr aria-hidden="true" style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  );
}

const Row = memo(function Row({ at, token, window }: { at: number; token: Token; window: Window }) {
  return (
    <tr aria-rowindex={at + 2} style={{ height: ROW_HEIGHT }}>
      {COLUMNS.map(({ key, cell, isText }) =>
        isText ? <th key={key} scope="row">{cell(token, window)}</th> : <td key={key}>{cell(token, window)}</td>,
      )}
    </tr>
  );
});

interface HeadProps {
  column: Column;
  window: Window;
  sorting: Sorting | undefined;
}

function Head({ column: { title, sort, isText }, window, sorting }: HeadProps) {
  const name = title(window);
  const isSorted = sorting !== undefined && sorting.sortBy === sort;
  const order = isSorted ? (sorting.sortOrder === "asc" ? "ascending" : "descending") : undefined;
  return (
    <th scope="col" aria-sort={order} data-text={isText || undefined}>
      {sorting && sort ? (
        <button type="button" title={texts.browse.sort(name)} onClick={() => sorting.onSort(sort)}>
          {name} <span aria-hidden="true">{isSorted ? (sorting.sortOrder === "asc" ? "↑" : "↓") : ""}</span>
        </button>
      ) : (
        name
      )}
    </th>
  );
}
