/** A token's trades: live above, older ones as far as somebody asks for them. */
import { useMemo, useRef, useState } from "react";
import { figures } from "../../model/figures.js";
import type { Items } from "../../model/stream/merge.js";
import { tokenTexts } from "../../model/token/texts.js";
import { isJoined, newsOf, tradesOf } from "../../model/token/trades.js";
import type { Token, Trade } from "../../model/types.js";
import { useTradePagesInfiniteQuery } from "../../state/tokenApi.js";
import { usePlace } from "../../state/hooks.js";
import { Age, Amount } from "../parts/Figure.js";
import { Note, Waiting } from "../parts/Note.js";
import { useReading } from "../rows/useReading.js";
import { Address, explorerOf, Outside } from "../people/Address.js";
import { Card, More } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import css from "./Parts.module.css";

const said = tokenTexts.trades;
const ROWS = 50;
const NONE: readonly Trade[] = [];

export const TRADE_COLUMNS: readonly DataColumn<Trade>[] = [
  { key: "time", title: said.age, isHead: true, text: ({ time }) => time, cell: ({ time }) => <Age time={time} /> },
  { key: "side", title: said.side, isText: true, text: ({ side }) => side, cell: ({ side }) => <Side side={side} /> },
  { key: "quote", title: said.quote, text: ({ quoteAmount }) => quoteAmount, cell: ({ quoteAmount }) => <Amount value={quoteAmount} /> },
  { key: "amount", title: said.amount, text: ({ baseAmount }) => baseAmount, cell: ({ baseAmount }) => <Amount value={baseAmount} /> },
  { key: "price", title: said.price, text: ({ price }) => price, cell: ({ price }) => <span title={figures.exact(price)}>{figures.price(price)}</span> },
  { key: "fee", title: said.fee, text: ({ fee }) => fee },
  { key: "trader", title: said.trader, isText: true, text: ({ trader }) => trader, cell: ({ trader }) => <Address address={trader} to="wallet" /> },
  {
    key: "transaction", title: said.transaction, isText: true, isWide: true, text: ({ signature }) => signature,
    cell: ({ signature }) => <Outside href={explorerOf("tx", signature)}>{signature.slice(0, 6)}</Outside>,
  },
  { key: "slot", title: said.slot, text: ({ slot }) => slot },
];

export function TradesCard({ token }: { token: Token }) {
  const { mint, quote } = token;
  const [shown, setShown] = useState(ROWS);
  const { data, health, gaps } = usePlace<Items<Trade>>({ channel: "trades", key: mint });
  const pages = useTradePagesInfiniteQuery(mint);
  const newest = data?.items ?? NONE;
  const reading = useReading();
  const rest = useRef(newest);
  // Nobody can read, or hit, what moves on under the eyes.
  if (!reading.isReading) rest.current = newest;
  const live = rest.current;
  const news = newsOf(live, newest);
  const older = useMemo(() => pages.currentData?.pages.flatMap(({ items }) => items) ?? NONE, [pages.currentData]);
  const trades = useMemo(() => tradesOf(live, older), [live, older]);
  const isEnd = shown >= trades.length && isJoined(live, older) && !pages.hasNextPage;
  const more = () => {
    setShown(shown + ROWS);
    if (shown + ROWS <= trades.length) return;
    // Pages that do not reach the live trades any more are asked for anew.
    if (!isJoined(live, older)) void pages.refetch();
    else if (pages.hasNextPage) void pages.fetchNextPage();
  };
  const aside = gaps.length || health === "refilling" ? <span className={css.warn}>{said.refilling}</span>
    : news ? <span className={css.quiet} title={said.held}>{said.news(news, news === newest.length)}</span>
    : quote.symbol;
  if (!data && !pages.currentData) {
    return <Card title={said.title} area="trades">{pages.isError ? <Note title={tokenTexts.failed} isAlert /> : <Waiting rows={6} label={said.title} />}</Card>;
  }
  return (
    <Card title={said.title} area="trades" isFlush aside={aside}>
      <div className={css.tall} {...reading.handlers} onScrollCapture={({ target }) => reading.scrolled((target as Element).scrollTop)}>
        {trades.length === 0 ? <Note title={said.empty} /> : (
          <DataTable caption={said.title} columns={TRADE_COLUMNS} rows={trades.slice(0, shown)} all={live === newest ? trades : tradesOf(newest, older)} keyOf={({ id }) => id}
            file={`trades-${token.symbol ?? mint}`} />
        )}
        {trades.length > 0 && !isEnd && <More onMore={more} isBusy={pages.isFetching}>{tokenTexts.older}</More>}
      </div>
    </Card>
  );
}

/** A side by its word and an arrow; its colour says no more than these. */
export function Side({ side }: { side: Trade["side"] }) {
  return <span className={css.side} data-side={side}><span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> {side === "buy" ? said.buy : said.sell}</span>;
}
