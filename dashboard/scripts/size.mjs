/** What a first visit loads as scripts, packed as the API packs it; more than the limit is a failure. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 250;
const built = new URL("../../api/dashboard/", import.meta.url);
const read = (name) => readFileSync(new URL(name, built));

const names = [...read("index.html").toString().matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, name]) => name);
if (!names.length) throw new Error("index.html names no scripts");
const scripts = names.map((name) => ({ name, text: read(name) }));
for (const { name, text } of scripts) console.log(`${(gzipSync(text).length / 1000).toFixed(1).padStart(7)} KB  ${name}`);
const total = scripts.reduce((sum, { text }) => sum + gzipSync(text).length, 0) / 1000;
console.log(`${total.toFixed(1).padStart(7)} KB of ${LIMIT_KB} for the first visit`);
if (scripts.some(({ text }) => text.includes("TradingView"))) throw new Error("charts are loaded before anybody opened one");
if (total > LIMIT_KB) throw new Error("the first visit loads too much");
