/** Tables as CSV (RFC 4180), so that a spreadsheet reads them and runs nothing of them. */
import { isDecimal } from "./decimal.js";

export interface CsvColumn<Row> {
  title: string;
  /** What the cell says, exact; null: nothing is known. */
  text: (row: Row) => string | number | null | undefined;
}

/** The table with its titles; rows end with CR and LF. */
export function csvOf<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ title }) => cellOf(title)),
    ...rows.map((row) => columns.map(({ text }) => cellOf(text(row)))),
  ];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** Names come from strangers: what a spreadsheet would take for a formula gets an apostrophe before it. */
const FORMULA = /^[\s]*[=+\-@\t\r|%]/;

function cellOf(value: string | number | null | undefined): string {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) && !isDecimal(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
