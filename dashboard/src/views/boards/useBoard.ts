/** Where a column's tokens come from: the live board, or REST where that cannot apply the filters. */
import { useMemo } from "react";
import { boardQuery, type BoardName, type Filters, liveFilters } from "../../model/filters.js";
import { type BoardState, tokensOf } from "../../model/stream/merge.js";
import type { Token } from "../../model/types.js";
import { useTokensQuery } from "../../state/api.js";
import { useAppSelector, usePlace } from "../../state/hooks.js";

const POLL_MS = 2_000;
const POLLED_ROWS = 100;
/** The screen cannot show more than a few a second to anybody. */
const MOST_PER_S = 4;

export interface Board {
  tokens: readonly Token[] | null;
  isPolled: boolean;
  isRefilling: boolean;
  hasFailed: boolean;
  again: () => void;
}

const NONE: readonly Token[] = [];

export function useBoard(name: BoardName, filters: Filters): Board {
  const canBeLive = liveFilters(filters);
  // Some networks let no WebSocket through; REST is better than nothing there.
  const isCutOff = useAppSelector(({ live }) => live.connection.attempt > 2);
  const place = canBeLive && {
    channel: "board" as const, key: name, maxRate: MOST_PER_S,
    ...(Object.keys(canBeLive).length ? { filters: canBeLive } : {}),
  };
  const { data, health, refusal } = usePlace<BoardState>(place);
  const liveTokens = useMemo(() => data && tokensOf(data), [data]);
  const isPolled = !canBeLive || (isCutOff && !data);
  const polled = useTokensQuery(boardQuery(name, filters, POLLED_ROWS), {
    skip: !isPolled, pollingInterval: POLL_MS, skipPollingIfUnfocused: true,
  });
  return {
    tokens: isPolled ? (polled.data?.items ?? (polled.isError ? NONE : null)) : liveTokens,
    isPolled,
    isRefilling: health === "refilling",
    hasFailed: isPolled ? polled.isError : refusal !== null && refusal.code !== "unavailable",
    again: () => void polled.refetch(),
  };
}
