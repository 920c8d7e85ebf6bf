/** What a user does, in order, and what must then be true. Truth is what REST answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PATIENCE_MS = 20_000;
const BOARDS = ["new", "graduating", "graduated", "trending"];

/** Ask until it is so; what was last found is the error. */
export async function until(find, within = PATIENCE_MS) {
  const deadline = Date.now() + within;
  for (;;) {
    try {
      return await find();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export const rest = async (url, path) => (await fetch(`${url}/v1/${path}`)).json();

/** The first rows of a column: mint and market cap, with all its digits. */
const rowsOf = (page, board, count = 3) =>
  page.locator(`[data-board="${board}"] li`).evaluateAll(
    (rows, most) =>
      rows.slice(0, most).map((row) => [
        row.querySelector("a").getAttribute("href").split("/").pop(),
        row.querySelector("[title*='SOL']").title.replace(/[^0-9.]/g, ""),
      ]),
    count,
  );

/** What those rows must be: an amount is shown to 30 places and grouped, and is otherwise exact. */
async function expected(url, board, count = 3) {
  const { items } = await rest(url, `boards/${board}?limit=${count}`);
  return items.map(({ mint, marketCap }) => [mint, marketCap]);
}

/** The market goes on meanwhile, so both are asked each time. */
const showsTokens = (page, url, board, query) =>
  until(async () => {
    const { items } = await rest(url, `tokens?${query}&limit=3`);
    assert.deepEqual((await rowsOf(page, board)).map(([mint]) => mint), items.map(({ mint }) => mint));
  });

async function equalsRest(page, url) {
  for (const board of BOARDS) {
    await until(async () => assert.deepEqual(await rowsOf(page, board), await expected(url, board), board));
  }
}

const truth = (page) => page.getByTestId("truth").textContent();

/** What keeps people out, in all of the page or in what just opened. */
export async function violations(page, within = "html") {
  // Not as a script of the page: its content policy lets none in.
  await page.evaluate(readFileSync(axe, "utf8"));
  const found = await page.evaluate((part) => globalThis.axe.run(part, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }), within);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 120)} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`);
}

export const steps = {
  async "the boards fill with what REST answers"({ page, url, shot }) {
    await page.goto("/");
    await until(async () => assert.equal(await truth(page), "Live"));
    await equalsRest(page, url);
    await shot("boards-dark");
    assert.deepEqual(await violations(page), []);
  },

  async "under the pointer rows keep their places, whatever they do on the board"({ page }) {
    const column = page.locator('[data-board="trending"]');
    await column.hover();
    const before = await rowsOf(page, "trending", 6);
    await page.waitForFunction((slot) => document.querySelector("[data-truth]").textContent !== slot, await page.locator("[data-truth]").textContent());
    assert.deepEqual((await rowsOf(page, "trending", 6)).map(([mint]) => mint), before.map(([mint]) => mint));
    await page.mouse.move(5, 5);
  },

  async "filters are in the address: a link to them shows what they let through, live"({ page, url, shot }) {
    await page.goto("/?launchpad=believe&window=1h");
    await until(async () => assert.ok((await rowsOf(page, "new")).length));
    await showsTokens(page, url, "new", "launchpad=believe&stage=bonding&sortBy=launchedAt");
    await page.getByLabel("Launchpad").selectOption("meteora-dbc");
    await until(async () => assert.match(page.url(), /launchpad=meteora-dbc/));
    await page.goBack();
    assert.equal(await page.getByLabel("Launchpad").inputValue(), "believe");
    await shot("filtered-dark");
  },

  async "ranges, which live boards cannot apply, are asked of REST"({ page, url }) {
    await page.goto("/");
    await page.getByRole("button", { name: "Ranges" }).click();
    await page.getByLabel("Holders, at least").fill("50");
    await page.getByLabel("Holders, at least").press("Enter");
    await until(async () => assert.match(page.url(), /minHolders=50/));
    await showsTokens(page, url, "graduating", "minHolders=50&stage=bonding&sortBy=progress");
    await page.keyboard.press("Escape");
  },

  async "the list is sorted by the server, and its heads say how"({ page, url, shot }) {
    await page.goto("/browse?sortBy=holders");
    await until(async () => {
      const { items } = await rest(url, "tokens?sortBy=holders&limit=1");
      assert.match(await page.locator("tbody th a").first().getAttribute("href"), new RegExp(items[0].mint));
    });
    assert.equal(await page.getByRole("columnheader", { name: "Holders" }).getAttribute("aria-sort"), "descending");
    assert.deepEqual(await violations(page), []);
    await shot("browse-dark");
  },

  async "search by keyboard alone: / to it, arrows, Enter, and Escape from it"({ page, url, shot }) {
    await page.goto("/");
    await until(async () => assert.equal(await truth(page), "Live"));
    const { items } = await rest(url, "search?q=lunar&limit=8");
    await page.keyboard.press("/");
    await page.keyboard.type("lunar");
    await until(async () => assert.equal(await page.getByRole("listbox").getByRole("option").count(), items.length));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await shot("search-dark");
    assert.deepEqual(await violations(page, "header"), []);
    await page.keyboard.press("Enter");
    await until(async () => assert.equal(new URL(page.url()).pathname, `/token/${items[1].id}`));
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
  },

  async "what is watched stays, in this browser"({ page, url, shot }) {
    await page.goto("/");
    await until(async () => assert.equal((await rowsOf(page, "new")).length, 3));
    await page.locator('[data-board="new"] li button').first().click();
    const [[mint]] = await rowsOf(page, "new");
    await page.goto("/watchlist");
    await until(async () => assert.match(await page.locator("tbody th a").first().getAttribute("href"), new RegExp(mint)));
    await shot("watchlist-dark");
    assert.ok((await rest(url, `tokens/${mint}`)).mint);
  },

  async "the API is killed under the page: it says so, comes back by itself, and equals REST"({ page, url, shot }) {
    await page.goto("/");
    await until(async () => assert.equal(await truth(page), "Live"));
    const slot = (await rest(url, "status")).chain.headSlot;
    process.kill(Number(readFileSync(process.env.BTRACKER_API_PID, "utf8")), "SIGKILL");
    await until(async () => assert.equal(await truth(page), "Reconnecting"));
    await page.getByRole("button", { name: "Try now" }).waitFor();
    await shot("lost-dark");
    assert.ok((await rowsOf(page, "new")).length, "what was known stays on the screen");
    await until(async () => assert.equal(await truth(page), "Live"), 60_000);
    await until(async () => assert.ok((await rest(url, "status")).chain.headSlot > slot));
    await equalsRest(page, url);
    await page.getByRole("button", { name: /^Connection/ }).click();
    await page.getByText("Complete through slot").waitFor();
    await shot("status-dark");
    assert.deepEqual(await violations(page, "header"), []);
    await page.keyboard.press("Escape");
  },

  async "without a network it opens with what was saved, says so, and goes on when there is one"({ page, context, shot }) {
    await page.goto("/");
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active.state === "activated" && (await caches.match("/saved/boards.json")) !== undefined);
    await context.setOffline(true);
    await page.reload();
    await page.getByText("was saved at").waitFor();
    assert.equal((await rowsOf(page, "new")).length, 3);
    await shot("offline-dark");
    await context.setOffline(false);
    await until(async () => assert.equal(await truth(page), "Live"));
    assert.equal(await page.getByText("was saved at").count(), 0);
  },

  async "it is as good in light"({ page, shot }) {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/");
    await until(async () => assert.equal((await rowsOf(page, "new")).length, 3));
    await shot("boards-light");
    assert.deepEqual(await violations(page), []);
  },

  async "on a phone there is one board at a time, and nothing sticks out"({ page, shot }) {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/?board=graduating");
    await until(async () => assert.equal((await rowsOf(page, "graduating")).length, 3));
    assert.equal(await page.locator("[data-board]").count(), 1);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await shot("phone-light");
    assert.deepEqual(await violations(page), []);
    await page.emulateMedia({ colorScheme: "dark" });
    await shot("phone-dark");
  },
};
