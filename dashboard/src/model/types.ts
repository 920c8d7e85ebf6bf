/** What the API answers, by the names that the dashboard uses; made from the contract. */
import type { components, paths } from "../../../clients/typescript/src/generated/api.js";

/** Everything that the contract names; made once, for the client and for this. */
export type Schemas = components["schemas"];
export type Token = Schemas["Token"];
export type TokenPost = Schemas["TokenPost"];
export type Trade = Schemas["TradeRecord"];
export type Holder = Schemas["Holder"];
export type Candle = Schemas["Candle"];
export type Post = Schemas["Post"];
export type LinkedPost = Schemas["LinkedPost"];
export type LifecycleEvent = Schemas["LifecycleRecord"];
export type Hit = Schemas["HitView"];
export type Status = Schemas["Status"];
export type Stats = Schemas["StatsView"];
export type Usage = Schemas["Usage"];
export type Problem = Schemas["ProblemDocument"];
export type Window = "5m" | "1h" | "6h" | "24h";
export type Mint = string;
/** An exact decimal, as the API writes it: never a float. */
export type Decimal = string;

export interface Page<Item> {
  items: Item[];
  nextCursor?: string | null;
}

/** The query parameters of a GET route. */
export type QueryOf<Path extends keyof paths> = paths[Path] extends {
  get: { parameters: { query?: infer Asked } };
}
  ? NonNullable<Asked>
  : never;
