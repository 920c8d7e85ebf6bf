/** The market: figures of windows by launchpad, and what became of the newest launches. */
import { useMemo, useState } from "react";
import { figures } from "../../model/figures.js";
import { WINDOWS, windowOf, changed } from "../../model/filters.js";
import { marketTexts } from "../../model/market/texts.js";
import { type MarketFigures, marketsOf, type QuoteMarket } from "../../model/market/stats.js";
import { shareOf } from "../../model/decimal.js";
import { nameIn, texts } from "../../model/texts.js";
import type { Stats, Window } from "../../model/types.js";
import { useStatsQuery } from "../../state/api.js";
import { Amount } from "../parts/Figure.js";
import { Note } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { Answer, Card, Choice } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import { useSearchParams } from "react-router";
import { Bar } from "./Bar.js";
import { Cohort } from "./Cohort.js";
import { useQuoteNames } from "./useQuoteNames.js";
import css from "./Market.module.css";

const POLL_MS = 5_000;

export default function MarketPage() {
  useTitle(marketTexts.title);
  const [search, setSearch] = useSearchParams();
  const window = windowOf(search);
  const stats = useStatsQuery(undefined, { pollingInterval: POLL_MS, skipPollingIfUnfocused: true });
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{marketTexts.title}</h1>
        <span className={css.asOf} data-stale={stats.isError || undefined}>{stats.data?.asOf && marketTexts.asOf(figures.date(stats.data.asOf))}</span>
        <Choice label={marketTexts.window} options={WINDOWS.map((one) => [one, one] as const)} value={window}
          onChoose={(one) => setSearch(changed(search, { window: one === "24h" ? null : one }))} />
      </div>
      <Answer of={stats} rows={4}>{(known) => <Markets stats={known} window={window} />}</Answer>
      <Day now={stats.data?.asOf ?? null} />
    </div>
  );
}

const HOUR_MS = 3_600_000;

/** The day that ends with the hour of *now*, as it was when the page was opened: it is asked for once an hour. */
function Day({ now }: { now: string | null }) {
  const [opened, setOpened] = useState(now);
  if (now === null) return null;
  if (opened === null || Date.parse(now) - Date.parse(opened) > HOUR_MS) setOpened(now);
  return <Cohort now={Date.parse(now)} since={dayBefore(opened ?? now)} />;
}

function dayBefore(time: string): string {
  return new Date(Date.parse(time) - 24 * HOUR_MS).toISOString().replace(/\.\d+Z$/, "Z");
}

function Markets({ stats, window }: { stats: Stats; window: Window }) {
  const nameOf = useQuoteNames();
  const markets = useMemo(() => marketsOf(stats, window), [stats, window]);
  if (!markets.length) return <Card title={marketTexts.launchpads.title}><Note title={marketTexts.empty} /></Card>;
  return markets.map((market) => <Market key={market.quoteMint ?? ""} {...{ market, window }} name={nameOf(market.quoteMint)} />);
}

function Market({ market, window, name }: { market: QuoteMarket; window: Window; name: string }) {
  const { totals: said } = marketTexts;
  const unit = name === marketTexts.unknownQuote ? "" : name;
  return (
    <>
      <dl className={css.totals}>
        <Total name={`${said.volume} ${window}`}><Amount value={market.volume} unit={unit} /></Total>
        <Total name={said.trades}>{figures.whole(market.trades)}</Total>
        <Total name={said.buyShare}>{market.trades ? figures.share(market.buys / market.trades) : texts.unknown}</Total>
        <Total name={said.launches}>{figures.whole(market.launches)}</Total>
        <Total name={said.graduations}>{figures.whole(market.graduations)}</Total>
      </dl>
      <Card title={marketTexts.launchpads.title} aside={`${window} · ${marketTexts.quote(name)}`} isFlush>
        <DataTable caption={`${marketTexts.launchpads.title}, ${window}`} columns={columnsOf(market, unit)} rows={market.rows}
          keyOf={({ launchpad }) => launchpad ?? ""} file={`launchpads-${window}`} />
      </Card>
    </>
  );
}

function Total({ name, children }: { name: string; children: React.ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function columnsOf(market: QuoteMarket, unit: string): readonly DataColumn<MarketFigures>[] {
  const { launchpads: said } = marketTexts;
  const count = (key: "launches" | "graduations" | "trades" | "buys" | "sells", isWide = false): DataColumn<MarketFigures> =>
    ({ key, title: said[key], isWide, text: (row) => row[key], cell: (row) => figures.whole(row[key]) });
  const share = ({ volume }: MarketFigures) => shareOf(volume ?? "0", market.volume);
  return [
    { key: "launchpad", title: said.launchpad, isHead: true, text: ({ launchpad }) => launchpad, cell: ({ launchpad }) => launchpad ? nameIn(texts.launchpads, launchpad) : said.unknown },
    count("launches"), count("graduations"), count("trades"), count("buys", true), count("sells", true),
    { key: "volume", title: said.volume, text: ({ volume }) => volume, cell: ({ volume }) => <Amount value={volume} unit={unit} /> },
    { key: "share", title: said.share, text: share, cell: (row) => <Bar share={share(row)} /> },
    { key: "window", title: said.window, text: ({ window }) => window },
    { key: "quote", title: said.quote, text: ({ quoteMint }) => quoteMint },
  ];
}
