import { problemOf } from "./errors.js";
import type { components, paths } from "./generated/api.js";
import { follow, type Message, type Place, type WebSocketLike } from "./live.js";
import { AGAIN, pauseMs, sleep } from "./retry.js";

type Schemas = components["schemas"];
export type Token = Schemas["Token"];
export type Trade = Schemas["TradeRecord"];
export type Holder = Schemas["Holder"];
export type Candle = Schemas["Candle"];

type Query<Path extends keyof paths> = paths[Path] extends {
  get: { parameters: { query?: infer Asked } };
}
  ? Omit<NonNullable<Asked>, "cursor">
  : never;
type Parameters = Record<string, unknown>;
type Page<Item> = { items: Item[]; nextCursor?: string | null };

export interface Options {
  /** An API key. In a browser give a token of `POST /v1/auth/token` instead. */
  key?: string;
  token?: string;
  /** How often a request is tried in all; what is refused for now is tried again. */
  attempts?: number;
  fetch?: typeof fetch;
  /** Node 20 has one with `--experimental-websocket`; browsers and later versions always. */
  webSocket?: new (url: string, protocols: string[]) => WebSocketLike;
}

/** A client of one API. Whatever the API refuses is a `ProblemError`. */
export class Client {
  readonly #url: string;
  readonly #options: Options;
  readonly #headers: Record<string, string>;

  constructor(url: string, options: Options = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#options = options;
    this.#headers = {
      ...(options.key ? { "X-API-Key": options.key } : {}),
      ...(options.token ? { Authorization: `Bearer ${options.token}` } : {}),
    };
  }

  /** One token. */
  token(mint: string): Promise<Token> {
    return this.#get(`/v1/tokens/${encodeURIComponent(mint)}`);
  }

  /** The known ones of up to 100 tokens. */
  async tokensByMint(mints: readonly string[]): Promise<Token[]> {
    const body = JSON.stringify({ mints });
    const headers = { "Content-Type": "application/json" };
    return (await this.#ask<Page<Token>>("/v1/tokens/batch", { method: "POST", body, headers })).items;
  }

  /** All tokens that fit, page by page. */
  tokens(asked: Query<"/v1/tokens"> = {}): AsyncGenerator<Token> {
    return this.#all("/v1/tokens", asked);
  }

  /** A token's trades, newest first. */
  trades(mint: string, asked: Query<"/v1/tokens/{mint}/trades"> = {}): AsyncGenerator<Trade> {
    return this.#all(`/v1/tokens/${encodeURIComponent(mint)}/trades`, asked);
  }

  /** A token's holders, largest first. */
  holders(mint: string, asked: Query<"/v1/tokens/{mint}/holders"> = {}): AsyncGenerator<Holder> {
    return this.#all(`/v1/tokens/${encodeURIComponent(mint)}/holders`, asked);
  }

  /** The tokens whose projects are most like a token's. */
  similar(
    mint: string,
    asked: Query<"/v1/tokens/{mint}/similar"> = {},
  ): Promise<Schemas["SimilarTokens"]> {
    return this.#get(`/v1/tokens/${encodeURIComponent(mint)}/similar`, asked);
  }

  /** The newest candles of a span, oldest first. */
  async candles(mint: string, asked: Query<"/v1/tokens/{mint}/candles"> = {}): Promise<Candle[]> {
    return (await this.#get<Page<Candle>>(`/v1/tokens/${encodeURIComponent(mint)}/candles`, asked)).items;
  }

  /** A board, best first. */
  board(
    name: "new" | "graduating" | "graduated" | "trending",
    asked: Query<"/v1/boards/{name}"> = {},
  ): AsyncGenerator<Token> {
    return this.#all(`/v1/boards/${name}`, asked);
  }

  /** Tokens and posts that fit, best first. */
  async search(q: string, limit?: number): Promise<Schemas["HitView"][]> {
    return (await this.#get<Page<Schemas["HitView"]>>("/v1/search", { q, limit })).items;
  }

  post(id: string): Promise<Schemas["PostView"]> {
    return this.#get(`/v1/posts/${encodeURIComponent(id)}`);
  }

  /** The posts that are most like a post. */
  similarPosts(
    id: string,
    asked: Query<"/v1/posts/{id}/similar"> = {},
  ): Promise<Schemas["SimilarPosts"]> {
    return this.#get(`/v1/posts/${encodeURIComponent(id)}/similar`, asked);
  }

  creator(address: string): Promise<Schemas["CreatorView"]> {
    return this.#get(`/v1/creators/${encodeURIComponent(address)}`);
  }

  wallet(address: string): Promise<Schemas["WalletView"]> {
    return this.#get(`/v1/wallets/${encodeURIComponent(address)}`);
  }

  stats(): Promise<Schemas["StatsView"]> {
    return this.#get("/v1/stats");
  }

  status(): Promise<Schemas["Status"]> {
    return this.#get("/v1/status");
  }

  /** What happens at some places, without holes and without doubles, for ever: see `follow`. */
  stream(...places: Place[]): AsyncGenerator<Message> {
    const { key, token, webSocket } = this.#options;
    const credential = token ?? key;
    return follow(`${this.#url.replace(/^http/, "ws")}/v1/stream`, places, {
      ...(credential ? { credential } : {}),
      ...(webSocket ? { webSocket } : {}),
    });
  }

  async *#all<Item>(path: string, asked: Parameters): AsyncGenerator<Item> {
    let cursor: string | null | undefined;
    do {
      const page: Page<Item> = await this.#get(path, { ...asked, cursor });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  #get<Answer>(path: string, asked: Parameters = {}): Promise<Answer> {
    const given = Object.entries(asked).filter(([, value]) => value !== undefined && value !== null);
    const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return this.#ask(given.length ? `${path}?${query}` : path, {});
  }

  async #ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const { attempts = 5, fetch: ask = fetch } = this.#options;
    const headers = { ...this.#headers, ...(init.headers as Record<string, string>) };
    for (let attempt = 0; ; attempt += 1) {
      const isLast = attempt >= attempts - 1;
      let response: Response;
      try {
        response = await ask(this.#url + path, { ...init, headers });
      } catch (error) {
        if (isLast) throw error;
        await sleep(pauseMs(attempt));
        continue;
      }
      if (response.ok) return (await response.json()) as Answer;
      if (isLast || !AGAIN.has(response.status)) throw await problemOf(response);
      await response.body?.cancel();
      await sleep(pauseMs(attempt, response.headers.get("retry-after")));
    }
  }
}
