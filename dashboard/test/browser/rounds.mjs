/** Where somebody goes who goes about, by clicks and keys: the page is never loaded anew. */

const DWELL_MS = 6_000;
const dwell = (page, ms = DWELL_MS) => page.waitForTimeout(ms);
const main = (page) => page.getByRole("navigation").first();

export const rounds = {
  async "the boards, with pointer, wheel and keys"({ page }) {
    await page.getByRole("link", { name: "Boards" }).first().click();
    const column = page.locator('[data-board="trending"]');
    await column.locator("li").first().waitFor();
    await dwell(page);
    for (let row = 0; row < 5; row += 1) {
      await column.locator("li").nth(row).hover();
      await dwell(page, 300);
    }
    await page.mouse.wheel(0, 800);
    await dwell(page, 1_000);
    await page.mouse.wheel(0, -800);
    await page.mouse.move(5, 5);
    await column.locator("li a").first().focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "End", "Home"]) {
      await page.keyboard.press(key);
      await dwell(page, 300);
    }
    await page.getByLabel("Launchpad").selectOption("believe");
    await dwell(page, 2_000);
    await page.getByLabel("Launchpad").selectOption("");
    await dwell(page);
  },

  async "the search, letter by letter, to a token"({ page }) {
    await page.keyboard.press("/");
    await page.keyboard.type("lunar", { delay: 120 });
    await page.getByRole("listbox").getByRole("option").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("[data-area=trades]").waitFor();
    await dwell(page);
  },

  async "the busiest token, its intervals, and back in time"({ page, mint, round, compare }) {
    await page.keyboard.press("/");
    await page.keyboard.type(mint, { delay: 5 });
    await page.getByRole("listbox").getByRole("option").first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/token/${mint}`);
    const card = page.locator("[data-area=chart]");
    for (const resolution of ["5s", "1m", "1h", "1s"]) {
      await card.getByRole("button", { name: resolution, exact: true }).click();
      await card.locator("canvas").first().waitFor();
      await dwell(page, 2_000);
      const box = await card.getByRole("img").boundingBox();
      for (let step = 1; step < 8; step += 1) await page.mouse.move(box.x + (step * box.width) / 9, box.y + box.height / 2);
    }
    await page.mouse.wheel(-3_000, 0);
    await dwell(page, 2_000);
    await page.mouse.wheel(3_000, 0);
    for (const name of ["Market cap", "Price"]) await card.getByRole("button", { name, exact: true }).click();
    await page.mouse.move(5, 5);
    await dwell(page);
    await compare(["1s", "5s", "1m"][round % 3]);
  },

  async "a trader, the market and the list"({ page }) {
    await page.locator("[data-area=trades] tbody a[href^='/wallet/']").first().click();
    await page.getByRole("heading", { name: "Positions" }).waitFor();
    await dwell(page, 3_000);
    await page.getByRole("link", { name: "Market" }).first().click();
    await page.getByRole("table").first().waitFor();
    await dwell(page, 3_000);
    await page.getByRole("link", { name: "Browse" }).first().click();
    await page.locator("tbody th a").first().waitFor();
    await page.locator("tbody th a").first().hover();
    await page.mouse.wheel(0, 1_500);
    await page.getByRole("button", { name: "Holders" }).click();
    await dwell(page, 3_000);
  },
};
