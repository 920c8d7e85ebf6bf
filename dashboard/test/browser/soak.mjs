/**
 * People with the dashboard open for a long time: one rests on the busiest token, second by second,
 * another goes about. Says what it finds as lines of JSON, for tests/load/dashboard.py, which runs the
 * market and judges. Told by the environment: BTRACKER_URL, BTRACKER_MINT (the busiest), BTRACKER_MINUTES.
 * After that time it says "tired", waits until its input says the market is quiet, and compares all.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { browserPath } from "./browser.mjs";
import { Processor, rendererOf } from "./processor.mjs";
import { rounds } from "./rounds.mjs";
import { differences, settledDifferences } from "./series.mjs";

const SAMPLE_MS = 15_000;
/** Beside others on a machine everything takes its time; how much of it is the page's is measured. */
const PATIENCE_MS = 180_000;
/** What this program does to a page is none of the page's tasks. */
const OURS_MS = 500;

const { BTRACKER_URL: url, BTRACKER_MINT: mint } = process.env;
const until = Date.now() + Number(process.env.BTRACKER_MINUTES) * 60_000;
const say = (kind, told) => console.log(JSON.stringify({ kind, at: Date.now(), ...told }));

const browser = await chromium.launch({
  executablePath: browserPath(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--js-flags=--expose-gc"],
});

say("begun", {});

/** A tab of its own browser, as far as storage and caches go. */
async function open(tab, path) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, colorScheme: "dark", locale: "en-US" });
  await context.route((to) => to.origin !== new URL(url).origin, (route) => route.abort());
  await context.addInitScript({ path: new URL("gauges.js", import.meta.url).pathname });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on("pageerror", (error) => say("fault", { tab, text: `thrown: ${error.stack ?? error.message}` }));
  page.on("console", (message) => {
    const isPicture = /net::ERR_FAILED/.test(message.text());
    if (message.type() === "error" && !isPicture) say("fault", { tab, text: message.text() });
  });
  page.on("crash", () => say("fault", { tab, text: "crashed" }));
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  await page.goto(path);
  await page.getByRole("link", { name: "Boards" }).first().waitFor();
  const ours = [Date.now()];
  const processor = new Processor(await rendererOf(browser, page));
  return { tab, page, cdp, processor, since: Date.now(), ours: [...ours, Date.now()] };
}

/** What a tab holds after its garbage is collected, and what it did since the last time. */
async function sample(who) {
  const { tab, page, cdp, processor, ours } = who;
  ours.push(Date.now());
  await cdp.send("HeapProfiler.collectGarbage");
  ours.push(Date.now());
  const { metrics } = await cdp.send("Performance.getMetrics");
  const metric = (name) => metrics.find((one) => one.name === name).value;
  const taken = await page.evaluate(() => globalThis.gauges.taken());
  const isOurs = ({ at, ms }) => ours.some((when) => at < when + OURS_MS && when < at + ms + OURS_MS);
  const mark = (one) => ({ ...one, ...processor.within(one.at, one.at + one.ms), isOurs: isOurs(one) });
  const now = Date.now();
  say("sample", {
    tab, where: new URL(page.url()).pathname,
    heapMb: metric("JSHeapUsedSize") / 1e6, nodes: metric("Nodes"), listeners: metric("JSEventListeners"), documents: metric("Documents"),
    scriptS: metric("ScriptDuration"), taskS: metric("TaskDuration"), layoutS: metric("LayoutDuration") + metric("RecalcStyleDuration"),
    ...processor.within(who.since, now), overMs: now - who.since,
    ...taken, interactions: taken.interactions.map((one) => ({ ...one, processor: processor.within(one.at, one.at + one.ms) })), tasks: taken.tasks.map(mark), frames: taken.frames.filter(({ ms }) => ms > 100).map(mark),
  });
  ours.splice(0, ours.length - 8);
  who.since = now;
}

async function compare(who, compared, resolution) {
  who.ours.push(Date.now());
  const found = await compared(who.page, url, mint, resolution);
  say("series", { tab: who.tab, resolution, ...found });
}

const resting = await open("resting", `/token/${mint}`);
const going = await open("going", "/");
await resting.page.getByRole("button", { name: "1s", exact: true }).click();

const timer = setInterval(() => void sample(resting).catch(() => undefined), SAMPLE_MS);
for (let round = 0; Date.now() < until; round += 1) {
  for (const [name, go] of Object.entries(rounds)) {
    if (Date.now() > until) break;
    try {
      await go({ page: going.page, url, mint, round, compare: (resolution) => compare(going, settledDifferences, resolution) });
    } catch (error) {
      say("fault", { tab: "going", text: `${name}: ${error.message}` });
      await going.page.goto("/");
    }
    await sample(going);
  }
  await compare(resting, settledDifferences, "1s");
}
clearInterval(timer);
say("tired", {});
await once(createInterface({ input: process.stdin }), "line");
await compare(resting, differences, "1s");
await going.page.goto(`/token/${mint}`);
for (const resolution of ["1s", "1m", "1d"]) await compare(going, differences, resolution);
await sample(resting);
await browser.close();
say("done", {});
process.exit(0);
