/** What a real server said of a token, as scripts/record.mjs wrote it down. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Message } from "../src/model/stream/messages.js";

export interface Recorded {
  /** By connection: the second one resumes where the first one was cut. */
  connections: Message[][];
  /** What each connection asked for, by id. */
  commands: { id: number; channel: string; key: string; resume?: unknown }[][];
}

export function recorded(): Recorded {
  const packed = readFileSync(new URL("./recorded/token.txt.gz", import.meta.url));
  const lines = gunzipSync(packed).toString().trim().split("\n");
  const connections: Message[][] = [];
  const commands: Recorded["commands"] = [];
  let wasCommand = false;
  for (const line of lines) {
    const isCommand = line.startsWith(">");
    if (isCommand && !wasCommand) {
      connections.push([]);
      commands.push([]);
    }
    if (isCommand) commands.at(-1)?.push(JSON.parse(line.slice(2)));
    else connections.at(-1)?.push(JSON.parse(line.slice(2)));
    wasCommand = isCommand;
  }
  return { connections, commands };
}
