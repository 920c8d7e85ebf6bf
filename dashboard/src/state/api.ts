/** REST, through RTK Query: what is asked for, kept and refreshed. */
import { createApi } from "@reduxjs/toolkit/query/react";
import type { Hit, Page, QueryOf, Stats, Status, Token, Usage } from "../model/types.js";
import { bearer } from "./access.js";
import { asking } from "./rest.js";

export type TokenQuery = QueryOf<"/v1/tokens">;

export const api = createApi({
  reducerPath: "api",
  baseQuery: asking,
  endpoints: (build) => ({
    token: build.query<Token, string>({ query: (mint) => `tokens/${mint}` }),
    tokens: build.query<Page<Token>, TokenQuery>({
      query: (params) => ({ url: "tokens", params }),
    }),
    tokenPages: build.infiniteQuery<Page<Token>, TokenQuery, string | null>({
      infiniteQueryOptions: {
        initialPageParam: null,
        getNextPageParam: (last) => last.nextCursor ?? undefined,
      },
      query: ({ queryArg, pageParam }) => ({
        url: "tokens",
        params: pageParam ? { ...queryArg, cursor: pageParam } : queryArg,
      }),
    }),
    board: build.query<Page<Token>, { name: string; limit: number }>({
      query: ({ name, limit }) => ({ url: `boards/${name}`, params: { limit } }),
    }),
    batch: build.query<Page<Token>, readonly string[]>({
      query: (mints) => ({ url: "tokens/batch", method: "POST", body: { mints } }),
    }),
    search: build.query<Page<Hit>, { q: string; limit: number }>({
      query: (params) => ({ url: "search", params }),
    }),
    stats: build.query<Stats, void>({ query: () => "stats" }),
    status: build.query<Status, void>({ query: () => "status" }),
    /** Whether a key is good, and for what. */
    usage: build.query<Usage, string>({ query: (key) => ({ url: "usage", headers: bearer(key) }), keepUnusedDataFor: 0 }),
  }),
});

export const {
  useTokenQuery, useTokensQuery, useTokenPagesInfiniteQuery, useBoardQuery, useBatchQuery,
  useSearchQuery, useStatsQuery, useStatusQuery, useLazyUsageQuery,
} = api;
