import { describe, expect, it } from "vitest";
import { csvOf } from "../../src/model/csv.js";

type Row = readonly (string | number | null)[];
const csv = (titles: readonly string[], rows: readonly Row[]) =>
  csvOf(titles.map((title, at) => ({ title, text: (row: Row) => row[at] })), rows);

/** A reader by RFC 4180, written apart from the writer. */
function read(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, isQuoted] = ["", false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (isQuoted && sign === '"' && text[at + 1] === '"') { cell += '"'; at += 1; }
    else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && sign === ",") { rows.at(-1)?.push(cell); cell = ""; }
    else if (!isQuoted && sign === "\r") { rows.at(-1)?.push(cell); cell = ""; rows.push([]); at += 1; }
    else cell += sign;
  }
  return rows.slice(0, -1);
}

describe("CSV", () => {
  it("read again is what was written, whatever is in a cell", () => {
    const rows: Row[] = [["plain", 'say "hi"'], ["a,b", "line\r\nbreak"], ["", "ümläut 🚀"], ['"', ",,"]];
    expect(read(csv(["one", "two, too"], rows))).toEqual([["one", "two, too"], ...rows]);
  });

  it("has nothing that a spreadsheet runs: formulas of strangers begin with an apostrophe", () => {
    const names = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", " =1", '=HYPERLINK("https://x","y")', "|calc", "%0A"];
    for (const [[cell]] of names.map((name) => read(csv(["n"], [[name]])).slice(1) as [string[]])) {
      expect(cell).toMatch(/^'/);
    }
  });

  it("leaves numbers what they are, also negative ones, with all their digits", () => {
    const amount = "-0.000000244071314654912343";
    expect(csv(["n"], [[amount], [-5], [null]])).toBe(`n\r\n${amount}\r\n-5\r\n\r\n`);
  });
});
