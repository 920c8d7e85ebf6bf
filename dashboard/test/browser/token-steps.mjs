/** The pages of a token, of the market, and of whom and what they lead to. Truth is what REST answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { rest, until, violations } from "./steps.mjs";

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

const busiest = async (url) => (await rest(url, "tokens?sortBy=trades24h&limit=1")).items[0];
const chart = (page) => page.locator("[data-area=chart] [role=img]");

/** A table as its CSV has it: rows of cells, the titles first. No cell of these has a comma or a quote. */
export async function downloaded(page, caption) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: `Download as CSV: ${caption}`, exact: true }).click();
  const text = readFileSync(await (await waiting).path(), "utf8");
  assert.equal(text.charCodeAt(0), 0xfeff);
  return text.slice(1).trimEnd().split("\r\n").map((line) => line.split(","));
}

/** The candles that REST has, all of them, newest first, as the CSV has them. */
export async function candles(url, mint, resolution) {
  const { items } = await rest(url, `tokens/${mint}/candles?resolution=${resolution}&limit=5000`);
  return items.toReversed().map(({ time, open, high, low, close, volume, trades }) => [time, open, high, low, close, volume, String(trades)]);
}

export const tokenSteps = {
  async "a token's page has its figures, trades and holders as REST has them"({ page, url, shot }) {
    await page.setViewportSize(DESKTOP);
    await page.emulateMedia({ colorScheme: "dark" });
    const { mint, name } = await busiest(url);
    await page.goto(`/token/${mint}`);
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await until(async () => assert.match(await chart(page).getAttribute("aria-label"), new RegExp(`^Candles of ${name}`)));
    await until(async () => {
      const { items } = await rest(url, `tokens/${mint}/trades?limit=50`);
      const rows = (await downloaded(page, "Trades")).slice(1, 51);
      assert.deepEqual(rows.map((row) => [row[0], row[1], row[2], row[3]]), items.map((one) => [one.time, one.side, one.quoteAmount, one.baseAmount]));
    });
    await until(async () => {
      const { items } = await rest(url, `tokens/${mint}/holders?limit=20`);
      const rows = (await downloaded(page, "Holders")).slice(1, 21);
      assert.deepEqual(rows.map(([, address, amount]) => [address, amount]), items.map(({ address, amount }) => [address, amount]));
    });
    await shot("token-dark");
    assert.deepEqual(await violations(page), []);
  },

  async "looking back in the chart brings older candles, all of them, as REST has them"({ page, url, shot }) {
    const { mint } = await busiest(url);
    await page.goto(`/token/${mint}`);
    const newest = page.waitForResponse(/candles\?resolution=1s&limit/);
    await page.getByRole("button", { name: "1s", exact: true }).click();
    await newest;
    await chart(page).locator("canvas").first().waitFor();
    const pages = [];
    page.on("response", async (answer) => {
      if (/candles\?resolution=1s&to=/.test(answer.url())) pages.push(await answer.json());
    });
    await chart(page).hover();
    await until(async () => {
      await page.mouse.wheel(-2_000, 0);
      assert.equal(pages.at(-1)?.nextCursor, null, `${pages.length} pages, and not the oldest`);
    }, 40_000);
    page.removeAllListeners("response");
    await page.getByRole("button", { name: "As a table" }).click();
    await until(async () => assert.deepEqual((await downloaded(page, "Candles, 1s")).slice(1), await candles(url, mint, "1s")));
    assert.deepEqual(await violations(page), []);
    await shot("candles-dark");
  },

  async "the market's figures are those of REST, and its CSV has them with all digits"({ page, url, shot }) {
    const asking = page.waitForRequest(/launchedAfter=/);
    await page.goto("/market");
    const since = new URL((await asking).url()).searchParams.get("launchedAfter");
    for (const window of ["24h", "1h"]) {
      await page.getByRole("button", { name: window, exact: true }).click();
      await until(async () => {
        const { items } = await rest(url, "stats");
        const wanted = items.filter((one) => one.window === window).map(({ launchpad, launches, graduations, trades, volume }) => [launchpad, `${launches}`, `${graduations}`, `${trades}`, volume]);
        const found = (await downloaded(page, `By launchpad, ${window}`)).slice(1).map((row) => [...row.slice(0, 4), row[6]]);
        assert.deepEqual(found.toSorted(), wanted.toSorted());
      });
    }
    // The page asks anew every half minute.
    await until(async () => {
      const [, launched] = await downloaded(page, "From launch to graduation");
      assert.equal(launched[1], String((await rest(url, `tokens?launchedAfter=${since}&limit=200`)).items.length));
    }, 40_000);
    await shot("market-dark");
    assert.deepEqual(await violations(page), []);
  },

  async "a trader, a creator and a post have pages, which lead back to tokens"({ page, url, shot }) {
    const { items: [token] } = await rest(url, "tokens?hasPost=true&sortBy=trades24h&limit=1");
    await page.goto(`/token/${token.mint}`);
    await page.locator(`a[href="/post/${token.post.id}"]`).click();
    await until(async () => assert.equal(new URL(page.url()).pathname, `/post/${token.post.id}`));
    await page.getByText(token.post.text.split("\n")[0]).first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator(`a[href="/token/${token.mint}"]`).first().click();
    await page.locator(`a[href="/creator/${token.creator}"]`).first().click();
    await until(async () => assert.ok(await page.locator(`a[href="/token/${token.mint}"]`).count()));
    await page.getByRole("link", { name: "Wallet" }).click();
    await page.getByRole("heading", { name: "Positions" }).waitFor();
    const { positions } = await rest(url, `wallets/${token.creator}`);
    if (positions.length) assert.equal((await downloaded(page, "Positions")).length - 1, positions.length);
    assert.deepEqual(await violations(page), []);
    await shot("wallet-dark");
  },

  async "an address that nobody has seen is said to be none, and not a failure"({ page }) {
    await page.goto("/token/So11111111111111111111111111111111111111112");
    await page.getByText("Nobody has seen this token yet").waitFor();
  },

  async "on a phone, in light, nothing of a token or the market sticks out"({ page, url, shot }) {
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "light" });
    const { mint } = await busiest(url);
    for (const path of [`/token/${mint}`, "/market"]) {
      await page.goto(path);
      await page.getByRole("table").first().waitFor();
      await until(async () => assert.equal(await page.evaluate(() => document.getElementById("content").scrollWidth), PHONE.width));
      assert.deepEqual(await violations(page), []);
      await shot(`phone${path.slice(0, 4).replace("/", "-")}`);
    }
  },
};
