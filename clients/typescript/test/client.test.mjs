// Against a real server at BTRACKER_URL, whose token BTRACKER_MINT is traded all the time: its new
// trades are named t0, t1, and so on. Without a server only the parts are tried.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import test from "node:test";

import { Client, ClosedError, Follower, ProblemError, merged, pauseMs } from "../dist/index.js";

const { BTRACKER_URL: url, BTRACKER_MINT: mint } = process.env;
const server = { skip: url ? false : "BTRACKER_URL names no server" };
const CUTS = 3;

/** A proxy in front of the server, whose connections can be cut. */
async function proxied() {
  const sockets = new Set();
  const proxy = net.createServer((near) => {
    const far = net.connect(Number(new URL(url).port), "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => (sockets.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    cut: () => sockets.forEach((one) => one.destroy()),
    stop: () => (sockets.forEach((one) => one.destroy()), proxy.close()),
  };
}

async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

test("pages give each token once, in the order of one large page", server, async () => {
  const client = new Client(url);
  const small = await all(client.tokens({ limit: 7, sortBy: "launchedAt" }));
  const large = await all(client.tokens({ limit: 200, sortBy: "launchedAt" }));

  assert.equal(small.length, 40);
  assert.deepEqual(small.map((one) => one.mint), large.map((one) => one.mint));
});

test("a refusal is an exception with its code", server, async () => {
  const client = new Client(url);
  const unknown = client.token("So11111111111111111111111111111111111111112");

  await assert.rejects(unknown, (e) => e instanceof ProblemError && e.code === "notFound");
  await assert.rejects(client.stream({ channel: "nonsense" }).next(), ClosedError);
});

test("a 429 is tried again, as late as the server says", async () => {
  const asked = [];
  const limited = http.createServer((_, answer) => {
    asked.push(performance.now());
    if (asked.length > 1) return answer.end('{"items": [], "asOf": null}');
    answer.writeHead(429, { "Retry-After": "1" }).end();
  });
  await new Promise((resolve) => limited.listen(0, "127.0.0.1", resolve));
  const { port } = limited.address();
  const stats = await new Client(`http://127.0.0.1:${port}`).stats();
  limited.close();

  assert.deepEqual(stats.items, []);
  assert.equal(asked.length, 2);
  assert.ok(asked[1] - asked[0] >= 1000);
});

test("a token is followed over cuts, without a hole and without a double", server, async () => {
  const proxy = await proxied();
  const trades = [], states = new Map();
  let state = {}, rest, cuts = 0;
  const places = [{ channel: "token", key: mint }, { channel: "trades", key: mint }];
  for await (const message of new Client(proxy.url).stream(...places)) {
    assert.notEqual(message.type, "gap");
    assert.notEqual(message.type, "reset");
    if (message.channel === "token") {
      state = merged(state, message);
      states.set(state.version, state);
    } else if (message.type === "event") {
      trades.push(Number(message.data.id.slice(1)));
      if (cuts < CUTS && trades.length % 10 === 0) (cuts += 1), proxy.cut();
    }
    if (trades.length >= 10 * (CUTS + 1)) rest ??= await new Client(url).token(mint);
    if (rest && state.version >= rest.version) break;
  }
  proxy.stop();

  assert.equal(cuts, CUTS);
  assert.deepEqual(trades, trades.map((_, index) => trades[0] + index));
  assert.deepEqual(states.get(rest.version), rest);
});

test("a feed that cannot answer just now is asked again", async () => {
  let connections = 0;
  class Feed {
    constructor() {
      connections += 1;
      setTimeout(() => this.onopen());
    }
    send() {
      const told = { channel: "status", key: "all", epoch: "e", seq: 1, prevSeq: null, slot: 0, data: {} };
      const error = { type: "error", data: { code: "unavailable", detail: "Not now." } };
      const message = connections === 1 ? error : { type: "snapshot", ...told };
      this.onmessage({ data: JSON.stringify(message) });
    }
    close() {}
  }
  const stream = new Client("http://feed", { webSocket: Feed }).stream({ channel: "status" });
  const { value } = await stream.next();
  await stream.return();

  assert.equal(value.type, "snapshot");
  assert.equal(connections, 2);
});

test("pauses grow, differ, and are never shorter than the server asks for", () => {
  assert.deepEqual([0, 1, 2].map((n) => pauseMs(n, null, 1)), [250, 500, 1000]);
  assert.equal(pauseMs(50, null, 0), 5000);
  assert.equal(pauseMs(0, "7", 0), 7125);
});

test("a hole is noticed and a double left out", () => {
  const follower = new Follower([{ channel: "trades", key: "m" }]);
  const take = (seq, prevSeq, type = "event", epoch = "e") =>
    follower.take({ type, channel: "trades", key: "m", epoch, seq, prevSeq, slot: 0, data: null });

  assert.equal(take(5, null, "snapshot"), "new");
  assert.equal(take(6, 5), "new");
  assert.equal(take(6, 5), "old");
  assert.equal(take(9, 8), "gone");
  assert.deepEqual(follower.subscribe("trades m").resume, { epoch: "e", seq: 6 });
  assert.equal(take(1, 0, "event", "f"), "gone");
  assert.equal(take(7, null, "reset"), "new");
  assert.equal(follower.subscribe("trades m").resume, undefined);
});
