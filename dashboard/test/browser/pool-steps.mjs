/** A real token from its launch to a trade in the pool where its curve went. Truth is what REST answers. */
import assert from "node:assert/strict";
import { rest, until, violations } from "./steps.mjs";
import { candles, downloaded } from "./token-steps.mjs";

export const poolSteps = {
  async "a token in its pool has the pool's figures, and one series of candles across its migration, which is marked"({ page, url, shot }) {
    const { items: [token] } = await rest(url, "tokens?stage=migrated");
    await page.goto(`/token/${token.mint}`);
    await page.getByRole("heading", { level: 1, name: token.name }).waitFor();
    const card = page.locator("[data-area=curve]");
    await card.getByRole("heading", { name: "Pool" }).waitFor();
    assert.match(await card.getByRole("link").getAttribute("href"), new RegExp(token.migratedPool));
    const reserve = await card.locator("dd span[title]").first().getAttribute("title");
    assert.equal(reserve.split(" ")[0].replaceAll(",", ""), token.curve.quoteReserve);
    const chart = page.locator("[data-area=chart] [role=img]");
    await until(async () => assert.match(await chart.getAttribute("aria-label"), /To its pool: \S+/));
    await shot("pool-dark");
    await page.getByRole("button", { name: "1s", exact: true }).click();
    await page.getByRole("button", { name: "As a table" }).click();
    await until(async () => assert.deepEqual((await downloaded(page, "Candles, 1s")).slice(1), await candles(url, token.mint, "1s")));
    const times = (await candles(url, token.mint, "1s")).map(([time]) => time);
    assert.ok(times.some((time) => time < token.migratedAt) && times.some((time) => time > token.migratedAt), `${times} around ${token.migratedAt}`);
    assert.deepEqual(await violations(page), []);
  },
};
