/** REST of single tokens, creators, wallets and posts: endpoints that only their pages need. */
import type { Resolution } from "../model/token/candles.js";
import type { Candle, Holder, LifecycleEvent, LinkedPost, Mint, Page, Schemas, Token, Trade } from "../model/types.js";
import { api } from "./api.js";

export type SimilarTokens = Schemas["SimilarTokens"];
export type SimilarPosts = Schemas["SimilarPosts"];
type CreatorView = Schemas["CreatorView"];
export type WalletView = Schemas["WalletView"];
export type PostView = Schemas["PostView"];

const CANDLES_PAGE = 500;
const TRADES_PAGE = 100;
const HOLDERS_PAGE = 100;
const SIMILAR = 6;

/** Pages of a list that go on at a cursor. */
const onward = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: Page<unknown>) => last.nextCursor ?? undefined,
};

const paged = (url: string, limit: number, cursor: string | null) =>
  ({ url, params: cursor ? { limit, cursor } : { limit } });

export const tokenApi = api.injectEndpoints({
  endpoints: (build) => ({
    /** Candles of a resolution before a time, which is excluded. */
    candles: build.query<Page<Candle>, { mint: Mint; resolution: Resolution; to?: string }>({
      query: ({ mint, ...params }) => ({ url: `tokens/${mint}/candles`, params: { ...params, limit: CANDLES_PAGE } }),
      keepUnusedDataFor: 0,
    }),
    events: build.query<Page<LifecycleEvent>, Mint>({ query: (mint) => `tokens/${mint}/events` }),
    tradePages: build.infiniteQuery<Page<Trade>, Mint, string | null>({
      infiniteQueryOptions: onward,
      query: ({ queryArg: mint, pageParam }) => paged(`tokens/${mint}/trades`, TRADES_PAGE, pageParam),
      keepUnusedDataFor: 0,
    }),
    holderPages: build.infiniteQuery<Page<Holder>, Mint, string | null>({
      infiniteQueryOptions: onward,
      query: ({ queryArg: mint, pageParam }) => paged(`tokens/${mint}/holders`, HOLDERS_PAGE, pageParam),
    }),
    linkedPosts: build.query<Page<LinkedPost>, Mint>({ query: (mint) => `tokens/${mint}/posts` }),
    similarTokens: build.query<SimilarTokens, Mint>({
      query: (mint) => ({ url: `tokens/${mint}/similar`, params: { limit: SIMILAR } }),
    }),
    creator: build.query<CreatorView, string>({ query: (address) => `creators/${address}` }),
    wallet: build.query<WalletView, string>({ query: (address) => `wallets/${address}` }),
    post: build.query<PostView, string>({ query: (id) => `posts/${id}` }),
    similarPosts: build.query<SimilarPosts, string>({
      query: (id) => ({ url: `posts/${id}/similar`, params: { limit: SIMILAR } }),
    }),
    /** The newest launches since a time, most recent first, in as many pages as *pages* at most. */
    launchedSince: build.query<LaunchedSince, { since: string; pages: number }>({
      async queryFn({ since, pages }, _, __, fetch) {
        const tokens: Token[] = [];
        let cursor: string | null = null;
        for (let page = 0; page < pages; page += 1) {
          const params: Record<string, string | number> = { launchedAfter: since, sortBy: "launchedAt", limit: LAUNCHES_PAGE };
          const { data, error } = await fetch({ url: "tokens", params: cursor ? { ...params, cursor } : params });
          if (error) return { error };
          const answer = data as Page<Token>;
          tokens.push(...answer.items);
          cursor = answer.nextCursor ?? null;
          if (!cursor) break;
        }
        return { data: { tokens, isAll: cursor === null } };
      },
    }),
  }),
});

const LAUNCHES_PAGE = 200;

export interface LaunchedSince {
  tokens: readonly Token[];
  isAll: boolean;
}

export const {
  useLazyCandlesQuery, useEventsQuery, useTradePagesInfiniteQuery, useHolderPagesInfiniteQuery, useLinkedPostsQuery,
  useSimilarTokensQuery, useCreatorQuery, useWalletQuery, usePostQuery, useSimilarPostsQuery, useLaunchedSinceQuery,
} = tokenApi;
