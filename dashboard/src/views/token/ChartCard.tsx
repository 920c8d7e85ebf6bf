/** A token's candles as a chart, or as a table; price or market cap; any resolution. */
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { times } from "../../model/decimal.js";
import { figures } from "../../model/figures.js";
import type { LiveCandle } from "../../model/stream/merge.js";
import { drawable, type Resolution, RESOLUTIONS, resolutionFor, startOf } from "../../model/token/candles.js";
import { marksOf } from "../../model/token/marks.js";
import { tokenTexts } from "../../model/token/texts.js";
import { utc } from "../../model/token/utc.js";
import type { Decimal, Token } from "../../model/types.js";
import { useEventsQuery } from "../../state/tokenApi.js";
import { Note, Waiting } from "../parts/Note.js";
import { Card, Choice } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import { useCandles } from "./useCandles.js";
import css from "./ChartCard.module.css";

/** The library is larger than the page: it is loaded when a chart is shown. */
const CandleChart = lazy(() => import("../../charts/CandleChart.js"));

const said = tokenTexts.chart;
type Kind = "price" | "marketCap";
type Form = "chart" | "table";
/** A table of more would not be read; the CSV has all that are loaded. */
const ROWS = 60;

export function ChartCard({ token }: { token: Token }) {
  const [chosen, setChosen] = useState<Resolution>(() => resolutionFor(token.launchedAt, Date.parse(token.asOf)));
  const [kind, setKind] = useState<Kind>("price");
  const [form, setForm] = useState<Form>("chart");
  const hasCap = token.supply !== null && token.supply !== undefined;
  const factor = kind === "marketCap" && hasCap ? (token.supply ?? null) : null;
  const aside = (
    <>
      <Choice label={said.resolution} options={RESOLUTIONS.map((one) => [one, one] as const)} value={chosen} onChoose={setChosen} />
      {hasCap && <Choice label={said.kind} options={[["price", said.price], ["marketCap", said.marketCap]]} value={kind} onChoose={setKind} />}
      <Choice label={said.title} options={[["chart", said.asChart], ["table", said.asTable]]} value={form} onChoose={setForm} />
    </>
  );
  return (
    <Card title={said.title} area="chart" aside={aside} isFlush>
      <Candles key={`${token.mint} ${chosen}`} {...{ token, factor, form }} resolution={chosen} />
    </Card>
  );
}

interface CandlesProps {
  token: Token;
  resolution: Resolution;
  factor: Decimal | null;
  form: Form;
}

function Candles({ token, resolution, factor, form }: CandlesProps) {
  const { candles: known, isAll, isLoading, isFailed, more } = useCandles(token.mint, resolution);
  const { data: events } = useEventsQuery(token.mint);
  const [at, setAt] = useState<number | null>(null);
  const candles = useMemo(() => drawable(known), [known]);
  const first = candles[0]?.time;
  // Marks change with their events and with the first candle; a new last candle carries none before it ends.
  const marks = useMemo(() => marksOf(events?.items ?? [], candles, resolution), [events, first, resolution, candles.length]);
  const last = candles.at(-1);
  const pointed = useMemo(() => (at === null ? undefined : candles.find((one) => startOf(one) === at)), [at, candles]);
  const point = useCallback((time: number | null) => setAt(time), []);
  if (!last) {
    return <div className={css.chart}>{isLoading ? <Waiting rows={4} label={said.loading} /> : <Note title={isFailed ? said.failed : said.empty} />}</div>;
  }
  if (form === "table") return <Table {...{ candles, resolution, factor, token }} />;
  const unit = token.quote.symbol ?? "";
  const marked = marks.map(({ kind, time }) => said.marked(said.marks[kind], utc(time * 1000)));
  const label = [said.said(token.name ?? token.mint, resolution, priced(last.close, factor), unit), ...marked].join(" ");
  return (
    <>
      <Legend candle={pointed ?? last} {...{ factor, unit }} />
      <Suspense fallback={<div className={css.chart}><Waiting rows={4} label={said.loading} /></div>}>
        <CandleChart className={css.chart} {...{ candles, marks, factor, label }} onPoint={point} onNearStart={more} />
      </Suspense>
      <p className={css.foot}>
        <span>{said.zone}</span>
        <span>{!isAll && isLoading ? said.older : isFailed ? said.failed : ""}</span>
        {factor !== null && <span>{said.capHint}</span>}
        <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">{said.attribution}</a>
      </p>
    </>
  );
}

/** An exact price as it is shown: the axis alone has floats. */
function priced(price: Decimal | null | undefined, factor: Decimal | null): string {
  const shown = price && factor !== null ? times(price, factor) : price;
  return factor === null ? figures.price(shown) : figures.short(shown);
}

function Legend({ candle, factor, unit }: { candle: LiveCandle; factor: Decimal | null; unit: string }) {
  const prices = [[said.open, candle.open], [said.high, candle.high], [said.low, candle.low], [said.close, candle.close]] as const;
  return (
    <p className={css.legend} aria-hidden="true">
      <time>{utc(candle.time)}</time>
      {prices.map(([name, price]) => <span key={name}><b>{name}</b> {priced(price, factor)}</span>)}
      <span><b>{said.volume}</b> {figures.short(candle.volume)} {unit}</span>
      <span><b>{said.trades}</b> {figures.whole(candle.trades)}</span>
      <span>{candle.final ? said.final : said.pending}</span>
    </p>
  );
}

interface TableProps {
  candles: readonly LiveCandle[];
  resolution: Resolution;
  factor: Decimal | null;
  token: Token;
}

function Table({ candles, resolution, factor, token }: TableProps) {
  const columns = useMemo((): DataColumn<LiveCandle>[] => {
    const exact = (price: Decimal | null | undefined) => (price && factor !== null ? times(price, factor) : price);
    const price = (key: "open" | "high" | "low" | "close"): DataColumn<LiveCandle> => ({
      key, title: key.charAt(0).toUpperCase() + key.slice(1), text: (one) => exact(one[key]), cell: (one) => priced(one[key], factor),
    });
    return [
      { key: "time", title: said.time, isHead: true, text: ({ time }) => time, cell: ({ time }) => utc(time) },
      price("open"), price("high"), price("low"), price("close"),
      { key: "volume", title: tokenTexts.windows.volume, text: ({ volume }) => volume, cell: ({ volume }) => figures.short(volume) },
      { key: "trades", title: said.trades, text: ({ trades }) => trades, cell: ({ trades }) => figures.whole(trades) },
    ];
  }, [factor]);
  const newest = candles.toReversed();
  return (
    <div className={css.table}>
      <DataTable caption={said.table(resolution)} columns={columns} rows={newest.slice(0, ROWS)} all={newest} keyOf={({ time }) => time}
        file={`candles-${token.symbol ?? token.mint}-${resolution}`} />
    </div>
  );
}
