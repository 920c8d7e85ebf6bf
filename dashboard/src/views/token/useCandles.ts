/** A token's candles: live at their end, and older ones as far back as somebody looks. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import type { Items, LiveCandle } from "../../model/stream/merge.js";
import { CANDLES_HELD, held, type Resolution, withLive, withPage } from "../../model/token/candles.js";
import type { Mint } from "../../model/types.js";
import { useLazyCandlesQuery } from "../../state/tokenApi.js";
import { usePlace } from "../../state/hooks.js";

/** A chart is not read faster. */
const RATE = 4;

interface Series {
  candles: readonly LiveCandle[];
  /** Nothing comes before the first. */
  isAll: boolean;
  /** As many as somebody has looked back to, beyond which the live end lets go of the oldest. */
  most: number;
}

type Change =
  | { kind: "live"; items: readonly LiveCandle[] }
  | { kind: "page"; items: readonly LiveCandle[]; to: string | null; isLast: boolean };

function changed(series: Series, change: Change): Series {
  const { candles, most } = series;
  if (change.kind === "live") {
    const next = held(withLive(candles, change.items), most);
    // Where the series began anew, or let go of some, older ones are to be had again.
    return { candles: next, isAll: series.isAll && next[0]?.time === candles[0]?.time, most };
  }
  const next = withPage(candles, change.items, change.to);
  return { candles: next, isAll: change.isLast && next[0]?.time === (change.items[0] ?? next[0])?.time, most: Math.max(most, next.length) };
}

export interface Candles extends Pick<Series, "candles" | "isAll"> {
  isLoading: boolean;
  isFailed: boolean;
  /** Ask for older ones; while they are under way, or when there are none, nothing happens. */
  more: () => void;
}

/** Of one mint and resolution as long as it is used: for others, it must begin anew. */
export function useCandles(mint: Mint, resolution: Resolution): Candles {
  const [series, change] = useReducer(changed, { candles: [], isAll: false, most: CANDLES_HELD });
  const { data } = usePlace<Items<LiveCandle>>({ channel: "candles", key: `${mint}:${resolution}`, maxRate: RATE });
  const [ask, { isFetching, isError, isUninitialized }] = useLazyCandlesQuery();
  const isBusy = useRef(false);

  useEffect(() => {
    if (data) change({ kind: "live", items: data.items });
  }, [data]);

  const load = useCallback(async (to: string | null) => {
    if (isBusy.current) return;
    isBusy.current = true;
    const answer = await ask(to === null ? { mint, resolution } : { mint, resolution, to });
    isBusy.current = false;
    if (answer.data) change({ kind: "page", items: answer.data.items, to, isLast: !answer.data.nextCursor });
  }, [ask, mint, resolution]);

  useEffect(() => void load(null), [load]);
  const oldest = series.candles[0]?.time;
  const more = () => {
    if (!series.isAll && oldest !== undefined) void load(oldest);
  };
  return { candles: series.candles, isAll: series.isAll, isLoading: isFetching || isUninitialized, isFailed: isError, more };
}
