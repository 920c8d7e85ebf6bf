/** All tokens, filtered and ranked by the server, page after page. */
import { useSearchParams } from "react-router";
import { changed, filtersOf, queryOf, type Sort, sortOf, windowOf } from "../../model/filters.js";
import { texts } from "../../model/texts.js";
import { useTokenPagesInfiniteQuery } from "../../state/api.js";
import { FilterBar } from "../filters/FilterBar.js";
import { Note, Waiting } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { TokenTable } from "../rows/TokenTable.js";

const POLL_MS = 3_000;
const PAGE = 50;
/** Each page that is open is asked for anew; whoever went so far down reads rather than watches. */
const PAGES_POLLED = 3;

export default function BrowsePage() {
  const [search, setSearch] = useSearchParams();
  useTitle(texts.browse.title);
  const filters = filtersOf(search);
  const sorting = sortOf(search);
  const asked = { ...queryOf(filters), ...sorting, limit: PAGE };
  const known = useTokenPagesInfiniteQuery(asked, { skip: true });
  const pages = known.data?.pages.length ?? 0;
  const { data, isError, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useTokenPagesInfiniteQuery(asked, {
    pollingInterval: pages > PAGES_POLLED ? 0 : POLL_MS, skipPollingIfUnfocused: true,
  });
  const tokens = data?.pages.flatMap((page) => page.items);
  const sort = (sortBy: Sort) => {
    const sortOrder = sortBy === sorting.sortBy && sorting.sortOrder === "desc" ? "asc" : null;
    setSearch(changed(search, { sortBy, sortOrder }));
  };
  return (
    <>
      <h1 className="hidden">{texts.browse.title}</h1>
      <FilterBar hasStage />
      {isError && !tokens && (
        <Note title={texts.column.failed} isAlert>
          <button type="button" onClick={() => void refetch()}>{texts.column.again}</button>
        </Note>
      )}
      {!tokens && !isError && <Waiting rows={10} label={texts.loading} />}
      {tokens?.length === 0 && (
        <Note title={texts.column.emptyFiltered}>
          <button type="button" onClick={() => setSearch(new URLSearchParams())}>{texts.column.reset}</button>
        </Note>
      )}
      {tokens && tokens.length > 0 && (
        <TokenTable
          tokens={tokens} window={windowOf(search)} caption={texts.browse.summary} sorting={{ ...sorting, onSort: sort }}
          onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()}
        />
      )}
    </>
  );
}
