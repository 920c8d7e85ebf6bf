/**
 * How long a tab's main thread ran, and how long it waited for a processor that others had: on a busy
 * machine a task takes long by the clock that takes little of the page's own. Linux only.
 */
import { readFileSync } from "node:fs";

const EVERY_MS = 20;
const KEPT_MS = 90_000;

const BUSY_MS = 500;

/** The browser's processes: their kind, id, and seconds of work. */
async function processesOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo;
}

/** The process of a tab, which no protocol tells: the renderer that works when the tab does. */
export async function rendererOf(browser, page) {
  const before = new Map((await processesOf(browser)).map(({ id, cpuTime }) => [id, cpuTime]));
  await page.evaluate((ms) => {
    for (const until = performance.now() + ms; performance.now() < until; );
  }, BUSY_MS);
  const worked = (await processesOf(browser)).filter(({ type }) => type === "renderer")
    .map(({ id, cpuTime }) => ({ id, seconds: cpuTime - (before.get(id) ?? 0) }));
  return worked.toSorted((one, other) => other.seconds - one.seconds)[0].id;
}

export class Processor {
  #notes = [];
  #timer;

  constructor(pid) {
    this.#timer = setInterval(() => this.#note(`/proc/${pid}/task/${pid}/schedstat`), EVERY_MS);
  }

  #note(path) {
    const [ran, waited] = readFileSync(path, "utf8").split(" ").map((ns) => Number(ns) / 1e6);
    const at = performance.timeOrigin + performance.now();
    this.#notes.push({ at, ran, waited });
    if (this.#notes[0].at < at - 2 * KEPT_MS) this.#notes = this.#notes.filter((one) => one.at > at - KEPT_MS);
  }

  /** Milliseconds that it ran and waited from one time to another. */
  within(from, to) {
    const [first, last] = [this.#at(from), this.#at(to)];
    return { ranMs: Math.round(last.ran - first.ran), waitedMs: Math.round(last.waited - first.waited) };
  }

  /** Between two notes, as if it had gone on evenly. */
  #at(time) {
    const next = this.#notes.findIndex(({ at }) => at >= time);
    const after = this.#notes[next < 0 ? this.#notes.length - 1 : next];
    const before = this.#notes[Math.max(0, (next < 0 ? this.#notes.length : next) - 1)];
    const share = after.at > before.at ? Math.min(1, (time - before.at) / (after.at - before.at)) : 0;
    return { ran: before.ran + share * (after.ran - before.ran), waited: before.waited + share * (after.waited - before.waited) };
  }

  stop() {
    clearInterval(this.#timer);
  }
}
