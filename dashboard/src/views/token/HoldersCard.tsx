/** Who holds a token, and how its supply is spread. */
import { useEffect, useMemo, useRef } from "react";
import { figures } from "../../model/figures.js";
import { distribution, type Part } from "../../model/token/holders.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Holder, Token } from "../../model/types.js";
import { useHolderPagesInfiniteQuery } from "../../state/tokenApi.js";
import { usePlace } from "../../state/hooks.js";
import { Amount } from "../parts/Figure.js";
import { Note } from "../parts/Note.js";
import { Address } from "../people/Address.js";
import { Answer, Card, More } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import css from "./Parts.module.css";

const said = tokenTexts.holders;
/** The live feed tells of accounts; owners, which may have several, are asked of REST, no faster than this. */
const PAUSE_MS = 4_000;

type Ranked = Holder & { rank: number; isCreator: boolean };

const COLUMNS: readonly DataColumn<Ranked>[] = [
  { key: "rank", title: said.rank, text: ({ rank }) => rank, cell: ({ rank }) => rank },
  {
    key: "address", title: said.address, isHead: true, text: ({ address }) => address,
    cell: ({ address, isCreator }) => <><Address address={address} to="wallet" />{isCreator && <span className={css.tag}>{said.creator}</span>}</>,
  },
  { key: "amount", title: said.amount, text: ({ amount }) => amount, cell: ({ amount }) => <Amount value={amount} /> },
  { key: "share", title: said.share, text: ({ share }) => share, cell: ({ share }) => figures.share(share) },
];

export function HoldersCard({ token }: { token: Token }) {
  const pages = useHolderPagesInfiniteQuery(token.mint);
  useRefreshed(token.mint, pages.refetch);
  const { currentData: data } = pages;
  const rows = useMemo(() => ranked(data?.pages.flatMap(({ items }) => items) ?? [], token.creator), [data, token.creator]);
  return (
    <Card title={said.title} area="holders" isFlush aside={figures.whole(token.holders)}>
      <div className={css.tall}>
        <Answer of={{ ...pages, data }} rows={6}>
          {() => rows.length === 0 ? <Note title={said.empty} /> : (
            <>
              <Distribution parts={distribution(rows, token)} />
              <DataTable caption={said.title} columns={COLUMNS} rows={rows} keyOf={({ address }) => address} file={`holders-${token.symbol ?? token.mint}`} />
              {pages.hasNextPage && <More onMore={() => void pages.fetchNextPage()} isBusy={pages.isFetching}>{tokenTexts.older}</More>}
            </>
          )}
        </Answer>
      </div>
    </Card>
  );
}

function ranked(holders: readonly Holder[], creator: string | null | undefined): Ranked[] {
  return holders.map((one, at) => ({ ...one, rank: at + 1, isCreator: one.address === creator }));
}

function useRefreshed(mint: string, refetch: () => unknown): void {
  const { data } = usePlace({ channel: "holders", key: mint, maxRate: 1 });
  const last = useRef(0);
  useEffect(() => {
    if (!data) return undefined;
    const timer = setTimeout(() => {
      last.current = Date.now();
      refetch();
    }, Math.max(0, last.current + PAUSE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [data, refetch]);
}

function Distribution({ parts }: { parts: readonly Part[] }) {
  return (
    <figure className={css.distribution}>
      <figcaption className="hidden">{said.distribution}</figcaption>
      <div className={css.bar} aria-hidden="true">
        {parts.map(({ name, share }) => <span key={name} data-part={name} style={{ flexGrow: share }} />)}
      </div>
      <dl className={css.parts}>
        {parts.map(({ name, share }) => (
          <div key={name}><dt><span className={css.swatch} data-part={name} aria-hidden="true" />{said.parts[name]}</dt><dd>{figures.share(share)}</dd></div>
        ))}
      </dl>
    </figure>
  );
}
