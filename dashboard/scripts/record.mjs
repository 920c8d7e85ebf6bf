/**
 * Write what the live feed says of one token as a recording for the tests: an opening of its places,
 * a cut in the middle, and what a resumed connection then brings. BTRACKER_URL names the API.
 * Node 20 needs --experimental-websocket.
 */
const [url, mint, seconds] = [process.env.BTRACKER_URL, process.argv[2], Number(process.argv[3] ?? 20)];
const places = [["token", mint], ["trades", mint], ["candles", `${mint}:1m`], ["holders", mint], ["status", "all"]];
const seen = new Map();
let id = 0;

/** One connection: commands begin with ">", what the server says with "<". */
async function record() {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/stream`, ["btracker.v1+json"]);
  await new Promise((resolve) => (socket.onopen = resolve));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.seq) seen.set(message.channel, { epoch: message.epoch, seq: message.seq });
    console.log(`< ${data}`);
  };
  for (const [channel, key] of places) {
    const command = JSON.stringify({ op: "subscribe", id: (id += 1), channel, key, resume: seen.get(channel) });
    console.log(`> ${command}`);
    socket.send(command);
  }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  socket.onmessage = null;
  socket.close();
}

await record();
await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 4));
await record();
process.exit(0);
