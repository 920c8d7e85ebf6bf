/** A table of rows with its caption, heads that name columns and rows, and itself as CSV. */
import { memo, type ReactNode } from "react";
import { type CsvColumn, csvOf } from "../../model/csv.js";
import { tokenTexts } from "../../model/token/texts.js";
import css from "./DataTable.module.css";

export interface DataColumn<Row> extends CsvColumn<Row> {
  key: string;
  /** What is shown; without one, the column is only in the CSV. */
  cell?: (row: Row) => ReactNode;
  /** The column that names the row. */
  isHead?: boolean;
  isText?: boolean;
  /** Left out where there is no room. */
  isWide?: boolean;
}

interface DataTableProps<Row> {
  caption: string;
  columns: readonly DataColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Whether the caption is shown; else it is read out only. */
  hasCaption?: boolean;
  /** The name of the downloaded file, without its ending; none: no download. */
  file?: string;
  /** Rows that the CSV has, where that is more than is shown. */
  all?: readonly Row[];
}

export function DataTable<Row>({ caption, columns, rows, keyOf, hasCaption = false, file, all }: DataTableProps<Row>) {
  const shown = columns.filter(({ cell }) => cell);
  return (
    <>
      {file && <Download name={file} caption={caption} text={() => csvOf(columns, all ?? rows)} />}
      {/* What scrolls must be reached by the keyboard. */}
      <div className={css.scroll} tabIndex={0} role="region" aria-label={tokenTexts.tableOf(caption)}>
        <table className={css.table}>
          <caption className={hasCaption ? css.caption : "hidden"}>{caption}</caption>
          <thead>
            <tr>
              {shown.map(({ key, title, isText, isHead, isWide }) => (
                <th key={key} scope="col" data-text={isText || isHead || undefined} data-wide={isWide || undefined}>{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <Row key={keyOf(row)} {...{ columns, row }} />)}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A row that is the same object is not drawn again. */
const Row = memo(function Row({ columns, row }: { columns: readonly DataColumn<never>[]; row: unknown }) {
  return <tr>{columns.map((column) => column.cell && <Cell key={column.key} column={column as DataColumn<unknown>} row={row} />)}</tr>;
}) as <Row>(props: { columns: readonly DataColumn<Row>[]; row: Row }) => ReactNode;

function Cell<Row>({ column: { cell, isHead, isText, isWide }, row }: { column: DataColumn<Row>; row: Row }) {
  const wide = isWide || undefined;
  if (isHead) return <th scope="row" data-wide={wide}>{cell?.(row)}</th>;
  return <td data-text={isText || undefined} data-wide={wide}>{cell?.(row)}</td>;
}

function Download({ name, caption, text }: { name: string; caption: string; text: () => string }) {
  const save = () => {
    // The mark of UTF-8: without it, spreadsheets take the text for something else.
    const url = URL.createObjectURL(new Blob(["\uFEFF", text()], { type: "text/csv;charset=utf-8" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: `${name}.csv` });
    link.click();
    URL.revokeObjectURL(url);
  };
  const said = tokenTexts.csvOf(caption);
  return <button type="button" className={css.csv} data-csv aria-label={said} title={said} onClick={save}>{tokenTexts.csv}</button>;
}
