/** The tokens that this browser's user watches, and those looked at lately. */
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { windowOf } from "../../model/filters.js";
import { newer } from "../../model/stream/merge.js";
import { nameOf } from "../../model/stream/messages.js";
import { texts } from "../../model/texts.js";
import type { Token } from "../../model/types.js";
import { useBatchQuery } from "../../state/api.js";
import { useAppSelector, usePlace } from "../../state/hooks.js";
import { Note, Waiting } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { TokenTable } from "../rows/TokenTable.js";
import css from "./WatchlistPage.module.css";

export default function WatchlistPage() {
  const [search] = useSearchParams();
  useTitle(texts.watchlist.title);
  const watched = useAppSelector(({ prefs }) => prefs.watched);
  const recent = useAppSelector(({ prefs }) => prefs.recent);
  const window = windowOf(search);
  return (
    <div className={css.page}>
      <h1>{texts.watchlist.title}</h1>
      {watched.length ? (
        <Tokens mints={watched} {...{ window }} caption={texts.watchlist.title} />
      ) : (
        <Note title={texts.watchlist.empty}><p>{texts.watchlist.emptyHint}</p></Note>
      )}
      {recent.length > 0 && (
        <>
          <h2>{texts.watchlist.recent}</h2>
          <Tokens mints={recent} {...{ window }} caption={texts.watchlist.recent} />
        </>
      )}
    </div>
  );
}

interface TokensProps {
  mints: readonly string[];
  window: ReturnType<typeof windowOf>;
  caption: string;
}

function Tokens({ mints, window, caption }: TokensProps) {
  const { data, isError, refetch } = useBatchQuery(mints);
  const places = useAppSelector(({ live }) => live.places);
  const tokens = useMemo(() => {
    const known = new Map(data?.items.map((one) => [one.mint, one]));
    return mints.flatMap((mint) => {
      const token = known.get(mint);
      const now = places[nameOf("token", mint)]?.data as Token | null | undefined;
      if (!token) return [];
      return [now?.mint ? newer(token, now) : token];
    });
  }, [data, mints, places]);
  if (isError) {
    return (
      <Note title={texts.column.failed} isAlert>
        <button type="button" onClick={() => void refetch()}>{texts.column.again}</button>
      </Note>
    );
  }
  if (!data) return <Waiting rows={4} label={texts.loading} />;
  return (
    <>
      {mints.map((mint) => <Follow key={mint} mint={mint} />)}
      <TokenTable {...{ tokens, window, caption }} />
    </>
  );
}

/** Follows a token as long as it is there; what it hears is read where all tokens are. */
function Follow({ mint }: { mint: string }) {
  usePlace({ channel: "token", key: mint, maxRate: 2 });
  return null;
}
