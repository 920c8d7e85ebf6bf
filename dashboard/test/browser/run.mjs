/**
 * The dashboard in a real browser, against a running `btracker up`: one after the other, as its
 * user goes. Told by the environment: BTRACKER_URL, BTRACKER_API_PID (the file with the API's
 * process id, which is killed under the page), BTRACKER_KEY (a key that it knows), BTRACKER_SHOTS (a folder for pictures).
 * The browser is CHROMIUM, else the first of the usual names on the path; without one this says so
 * and ends with code 77.
 */
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { browserPath } from "./browser.mjs";
import { ownSteps } from "./own-steps.mjs";
import { poolSteps } from "./pool-steps.mjs";
import { steps } from "./steps.mjs";
import { tokenSteps } from "./token-steps.mjs";

const url = process.env.BTRACKER_URL;
const shots = process.env.BTRACKER_SHOTS ?? new URL("../../shots", import.meta.url).pathname;
const executablePath = browserPath();
if (!url || !executablePath) {
  console.log(url ? "skipped: no Chromium on the path; set CHROMIUM" : "skipped: BTRACKER_URL is not set");
  process.exit(77);
}
mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({
  executablePath,
  // There is no user in a container whose sandbox it could use; it opens our own pages alone.
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});
const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, colorScheme: "dark", locale: "en-US" });
// Pictures of tokens are on other people's servers, which a test does not ask.
await context.route((to) => to.origin !== new URL(url).origin, (route) => route.abort());
const page = await context.newPage();
const faults = [];
page.on("pageerror", (error) => faults.push(`thrown: ${error.message}`));
page.on("console", (message) => {
  // A request that fails is also written by the browser itself; steps say what must not fail.
  const isNetwork = /net::ERR|Failed to load resource|WebSocket connection/.test(message.text());
  if (message.type() === "error" && !isNetwork) faults.push(message.text());
});

/** What can be seen on the recorded market, and what on a token that has left its curve. */
const courses = { market: { ...steps, ...ownSteps, ...tokenSteps }, pool: poolSteps };
let failed = 0;
for (const [name, step] of Object.entries(courses[process.argv[2] ?? "market"])) {
  const began = performance.now();
  try {
    await step({ page, context, url, shot: (as) => page.screenshot({ path: `${shots}/${as}.png` }) });
    if (faults.length) throw new Error(faults.splice(0).join("\n"));
    console.log(`ok ${name} (${Math.round(performance.now() - began)} ms)`);
  } catch (error) {
    failed += 1;
    faults.length = 0;
    console.log(`FAILED ${name}: ${error.message}`);
    await page.screenshot({ path: `${shots}/failed-${failed}.png` }).catch(() => undefined);
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
