/** What the search suggests: hits of what is typed, or what was looked at lately. */
import { useEffect, useState } from "react";
import { texts } from "../../model/texts.js";
import type { Hit, Token } from "../../model/types.js";
import { useBatchQuery, useSearchQuery } from "../../state/api.js";
import { useAppSelector } from "../../state/hooks.js";

const TYPING_MS = 120;
const MOST = 8;

export interface Suggestion {
  key: string;
  /** Where it leads; null: nowhere within this page. */
  to: string | null;
  token: Token | null;
  post: Hit["post"];
  highlights: Hit["highlights"];
}

export interface Suggestions {
  options: readonly Suggestion[];
  /** What is to be said instead of hits. */
  note: string | null;
  isRecent: boolean;
}

export function useSuggestions(text: string, isOpen: boolean): Suggestions {
  const q = useSettled(text.trim());
  const recent = useAppSelector(({ prefs }) => prefs.recent);
  const isRecent = text.trim() === "";
  const found = useSearchQuery({ q, limit: MOST }, { skip: !isOpen || !q || isRecent });
  const known = useBatchQuery(recent, { skip: !isOpen || !isRecent || !recent.length });
  if (isRecent) {
    const tokens = new Map(known.data?.items.map((one) => [one.mint, one]));
    const options = recent.flatMap((mint) => suggestionOf(tokens.get(mint)));
    return { options: options.slice(0, MOST), note: null, isRecent };
  }
  if (found.isError) return { options: [], note: texts.search.failed, isRecent };
  const options = (found.data?.items ?? []).map(hitOf);
  const isAnswered = found.isSuccess && !found.isFetching && q === text.trim();
  return { options, note: isAnswered && !options.length ? texts.search.none(q) : null, isRecent };
}

function suggestionOf(token: Token | undefined): Suggestion[] {
  if (!token) return [];
  return [{ key: token.mint, to: `/token/${token.mint}`, token, post: null, highlights: {} }];
}

function hitOf({ kind, id, token = null, post = null, highlights }: Hit): Suggestion {
  const mint = token?.mint ?? post?.mints?.[0];
  return { key: `${kind} ${id}`, to: mint ? `/token/${mint}` : null, token, post, highlights };
}

/** A text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
