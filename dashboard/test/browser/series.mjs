/** A chart's candles against those of REST. */
import { readFileSync } from "node:fs";
import { rest } from "./steps.mjs";

/** An interval that ended less than this ago may still get a trade. */
const SETTLED_S = 20;
const SECONDS = { "1s": 1, "5s": 5, "15s": 15, "1m": 60, "5m": 300, "1h": 3_600, "1d": 86_400 };
const PATIENCE_MS = 20_000;
const SHOWN = 3;

const cells = ({ time, open, high, low, close, volume, trades }) => [time, open, high, low, close, volume, String(trades)];

/** The candles that the page has, oldest first, as its table's CSV says them. */
async function shown(page, resolution) {
  const card = page.locator("[data-area=chart]");
  await card.getByRole("button", { name: resolution, exact: true }).click();
  await card.getByRole("button", { name: "As a table" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: `Download as CSV: Candles, ${resolution}`, exact: true }).click();
  const download = await waiting;
  const text = readFileSync(await download.path(), "utf8");
  await download.delete();
  await card.getByRole("button", { name: "As a chart" }).click();
  return text.slice(1).trimEnd().split("\r\n").slice(1).map((line) => line.split(",")).toReversed();
}

/** The newest candles of REST, oldest first. */
const answered = async (url, mint, resolution) =>
  (await rest(url, `tokens/${mint}/candles?resolution=${resolution}&limit=5000`)).items.map(cells);

function compared(found, wanted) {
  const from = found[0]?.[0] ?? "";
  const expected = new Map(wanted.filter(([time]) => time >= from).map((row) => [row[0], row.join()]));
  const there = new Map(found.map((row) => [row[0], row.join()]));
  const times = [...new Set([...expected.keys(), ...there.keys()])].toSorted();
  const wrong = times.filter((time) => expected.get(time) !== there.get(time));
  return {
    compared: found.length,
    wrong: wrong.length,
    examples: wrong.slice(0, SHOWN).map((time) => ({ page: there.get(time) ?? null, rest: expected.get(time) ?? null })),
  };
}

/** What differs of the candles in which nothing happens any more, while others still change. */
export async function settledDifferences(page, url, mint, resolution) {
  const rows = await shown(page, resolution);
  const before = Date.parse((await rest(url, "status")).chain.chainTime) - 1000 * (SETTLED_S + SECONDS[resolution]);
  const isSettled = ([time]) => Date.parse(time) < before;
  return compared(rows.filter(isSettled), (await answered(url, mint, resolution)).filter(isSettled));
}

/** What differs of all, the last one included, when nothing happens; asked until nothing does. */
export async function differences(page, url, mint, resolution) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = compared(await shown(page, resolution), await answered(url, mint, resolution));
    if (!found.wrong || Date.now() > deadline) return found;
  }
}
