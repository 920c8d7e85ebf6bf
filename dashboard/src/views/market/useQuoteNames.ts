/** Names of quote tokens: figures of the market have mints, tokens have both. */
import { useCallback } from "react";
import { marketTexts } from "../../model/market/texts.js";
import { useTokensQuery } from "../../state/api.js";

const SAMPLE = { sortBy: "volume24h", limit: 200 } as const;

export function useQuoteNames(): (mint: string | null) => string {
  const { data } = useTokensQuery(SAMPLE);
  return useCallback((mint) => {
    if (mint === null) return marketTexts.unknownQuote;
    const found = data?.items.find(({ quote }) => quote.mint === mint);
    return found?.quote.symbol ?? `${mint.slice(0, 4)}…${mint.slice(-4)}`;
  }, [data]);
}
