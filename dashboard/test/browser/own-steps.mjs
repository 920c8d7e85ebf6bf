/** What is the user's own: their key, their views, their keyboard. Truth is what REST answers, and what it was asked with. */
import assert from "node:assert/strict";
import { rest, until, violations } from "./steps.mjs";

const mintOf = (locator) => locator.evaluate((link) => link.getAttribute("href").split("/").pop());

export const ownSteps = {
  async "a wrong key is said to be one and not kept; a good one goes with every question"({ page, shot }) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto("/");
    await page.getByRole("button", { name: "API key: none" }).click();
    const give = async (key) => {
      await page.getByLabel(/key or token$/i).fill(key);
      await page.getByRole("button", { name: "Use it" }).click();
    };
    await give("bt_nobody_gave_me_out");
    await page.getByText("Nobody gave out this key.").waitFor();
    assert.equal(await page.evaluate(() => localStorage.getItem("btracker.key.1")), null);
    await shot("key-dark");
    assert.deepEqual(await violations(page, "header"), []);
    await give(process.env.BTRACKER_KEY);
    await page.getByText("Good: “dashboard”").waitFor();
    await page.keyboard.press("Escape");
    await until(async () => assert.equal(await page.getByTestId("truth").textContent(), "Live"));
    const asked = page.waitForRequest(/v1\/stats/);
    await page.getByRole("link", { name: "Market" }).click();
    assert.equal((await asked).headers()["authorization"], `Bearer ${process.env.BTRACKER_KEY}`);
    await page.getByRole("button", { name: "API key: kept" }).click();
    await page.getByRole("button", { name: "Forget the key" }).click();
    assert.equal(await page.evaluate(() => localStorage.getItem("btracker.key.1")), null);
  },

  async "filters and an order are kept under a name, and come back by it"({ page, url, shot }) {
    await page.goto("/browse?launchpad=believe&sortBy=holders");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Name of this view").fill("Held of Believe");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await shot("views-dark");
    assert.deepEqual(await violations(page, "main"), []);
    await page.goto("/browse");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("link", { name: "Held of Believe" }).click();
    await until(async () => {
      const { items } = await rest(url, "tokens?launchpad=believe&sortBy=holders&limit=1");
      assert.equal(await mintOf(page.locator("tbody th a").first()), items[0].mint);
    });
  },

  async "arrows go down a board and across to the next, to the row at that height"({ page }) {
    await page.goto("/");
    const row = (board, at) => page.locator(`[data-board="${board}"] li[data-index="${at}"] a`);
    const focused = () => page.evaluate(() => document.activeElement.closest("[data-board]")?.dataset.board + document.activeElement.closest("li")?.dataset.index);
    await row("new", 2).waitFor();
    await row("graduating", 2).waitFor();
    await row("new", 0).focus();
    for (const [key, at] of [["ArrowDown", "new1"], ["ArrowDown", "new2"], ["ArrowRight", "graduating2"], ["ArrowUp", "graduating1"], ["ArrowLeft", "new1"], ["ArrowLeft", "new1"]]) {
      await page.keyboard.press(key);
      await until(async () => assert.equal(await focused(), at));
    }
  },
};
