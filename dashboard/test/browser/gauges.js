/**
 * Put into every page before its own scripts: what a long soak must know of it and only the page can
 * tell. `gauges.taken()` gives what was noted since it was called last.
 */
(() => {
  const notes = { messages: 0, bytes: 0, channels: {}, tasks: [], frames: [], interactions: [] };

  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        notes.messages += 1;
        notes.bytes += data.length;
        const channel = /"channel":"(\w+)"/.exec(data.slice(0, 200))?.[1] ?? "none";
        notes.channels[channel] = (notes.channels[channel] ?? 0) + 1;
      });
    }
  };

  const watch = (type, take, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  const at = (entry) => Math.round(performance.timeOrigin + entry.startTime);
  watch("longtask", (entry) => notes.tasks.push({ at: at(entry), ms: Math.round(entry.duration) }));
  watch("long-animation-frame", (entry) => notes.frames.push({
    at: at(entry), ms: Math.round(entry.duration), blockingMs: Math.round(entry.blockingDuration),
    renderMs: entry.renderStart ? Math.round(entry.startTime + entry.duration - entry.renderStart) : 0,
    layoutMs: entry.styleAndLayoutStart ? Math.round(entry.startTime + entry.duration - entry.styleAndLayoutStart) : 0,
    scripts: entry.scripts.map((one) => ({
      ms: Math.round(one.duration), pauseMs: Math.round(one.pauseDuration), layoutMs: Math.round(one.forcedStyleAndLayoutDuration),
      by: `${one.invokerType} ${one.invoker}`.slice(0, 120), of: `${one.sourceFunctionName} ${one.sourceURL.split("/").at(-1)}:${one.sourceCharPosition}`,
    })),
  }));
  // 16 ms is the least that may be asked for.
  watch("event", (entry) => {
    if (!entry.interactionId) return;
    notes.interactions.push({
      at: at(entry), id: entry.interactionId, kind: entry.name, ms: Math.round(entry.duration),
      waitedMs: Math.round(entry.processingStart - entry.startTime), ranMs: Math.round(entry.processingEnd - entry.processingStart),
    });
  }, { durationThreshold: 16 });

  window.gauges = {
    taken() {
      const taken = { ...notes, interactionsInAll: performance.interactionCount };
      Object.assign(notes, { messages: 0, bytes: 0, channels: {}, tasks: [], frames: [], interactions: [] });
      return taken;
    },
  };
})();
