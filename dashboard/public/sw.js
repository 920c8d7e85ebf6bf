/**
 * Lets the page open without a network. Files with a hash in their name are kept for ever; the page
 * is asked for first, and is what was kept where nobody answers. What the API says is not kept here.
 */
const SHELL = "btracker-shell-1";
const PAGE = "/";
/** Files of this and some builds before; the oldest are let go. */
const FILES_MOST = 100;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add(PAGE)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

async function page(request) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    // Every address is the same page; the one that is kept comes with the assets it names.
    if (answer.ok && answer.headers.get("content-type")?.startsWith("text/html") && !isOther(request)) await cache.put(PAGE, answer.clone());
    return answer;
  } catch (error) {
    const kept = isOther(request) ? undefined : await cache.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

/** Pages of the API itself. */
function isOther(request) {
  return /^\/(v1|explorer|metrics|healthz|readyz)(\/|$)/.test(new URL(request.url).pathname);
}

async function asset(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const names = (await cache.keys()).filter(({ url }) => url.includes("/assets/"));
    await Promise.all(names.slice(0, -FILES_MOST).map((name) => cache.delete(name)));
  }
  return answer;
}
