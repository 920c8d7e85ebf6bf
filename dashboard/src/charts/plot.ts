/** Candles and volume on a canvas. Only here does a decimal become a float, to be a pixel's height. */
import {
  CandlestickSeries, ColorType, createChart, createSeriesMarkers, CrosshairMode, HistogramSeries, type IChartApi,
  type ISeriesApi, type ISeriesMarkersPluginApi, type SeriesMarker, type Time, type UTCTimestamp,
} from "lightweight-charts";
import { times } from "../model/decimal.js";
import { figures } from "../model/figures.js";
import type { LiveCandle } from "../model/stream/merge.js";
import { startOf, stepTo } from "../model/token/candles.js";
import type { Mark } from "../model/token/marks.js";
import { tokenTexts } from "../model/token/texts.js";
import { utc } from "../model/token/utc.js";
import type { Decimal } from "../model/types.js";
import { type Colours, coloursOf } from "./colours.js";

/** Older candles are asked for when fewer than this are left on the left. */
const NEAR_START = 30;
/** The axis has steps of a millionth of the price. */
const AXIS_DIGITS = 6;
const VOLUME_HEIGHT = 0.2;
const FEW = 100;

export interface PlotListener {
  /** The pointer is at the candle that begins then; null: at none. */
  pointed(at: number | null): void;
  nearStart(): void;
}

export class Plot {
  readonly #element: HTMLElement;
  readonly #chart: IChartApi;
  readonly #price: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  readonly #marks: ISeriesMarkersPluginApi<Time>;
  #drawn: readonly LiveCandle[] = [];
  #factor: Decimal | null = null;
  #colours: Colours;
  #marked: readonly Mark[] = [];
  #exponent = NaN;

  constructor(element: HTMLElement, listener: PlotListener) {
    this.#element = element;
    this.#colours = coloursOf(element);
    this.#chart = createChart(element, {
      autoSize: true,
      // It would bring its own stylesheet, which the content policy forbids; the page names it.
      layout: { attributionLogo: false },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { timeVisible: true, secondsVisible: true, rightOffset: 6, maxBarSpacing: 20 },
      localization: { timeFormatter: (time: Time) => utc(Number(time) * 1000) },
    });
    this.#price = this.#chart.addSeries(CandlestickSeries, { borderVisible: true });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false,
    });
    this.#price.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: VOLUME_HEIGHT + 0.04 } });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 1 - VOLUME_HEIGHT, bottom: 0 } });
    this.#marks = createSeriesMarkers(this.#price, []);
    this.#chart.subscribeCrosshairMove(({ time }) => listener.pointed(time === undefined ? null : Number(time)));
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < NEAR_START && this.#drawn.length) listener.nearStart();
    });
    this.recolour();
  }

  /** Show a series; prices times *factor*, null: as they are. */
  draw(candles: readonly LiveCandle[], factor: Decimal | null): void {
    const step = stepTo(factor === this.#factor ? this.#drawn : [], candles);
    const isFirst = this.#drawn.length === 0;
    this.#drawn = candles;
    this.#factor = factor;
    if (step.kind === "none") return;
    this.#scale();
    if (step.kind === "update") {
      for (const one of step.candles) {
        this.#price.update(this.#bar(one));
        this.#volume.update(this.#column(one));
      }
      return;
    }
    this.#price.setData(step.candles.map((one) => this.#bar(one)));
    this.#volume.setData(step.candles.map((one) => this.#column(one)));
    if (!isFirst) return;
    // Few candles fill the width; of many, the newest are shown.
    if (step.candles.length < FEW) this.#chart.timeScale().fitContent();
    else this.#chart.timeScale().scrollToRealTime();
  }

  mark(marks: readonly Mark[]): void {
    this.#marked = marks;
    this.#marks.setMarkers(marks.map((one): SeriesMarker<Time> => ({
      id: one.id,
      time: one.time as UTCTimestamp,
      position: "aboveBar",
      shape: one.kind === "complete" ? "circle" : "square",
      color: one.kind === "complete" ? this.#colours.warn : this.#colours.accent,
      text: tokenTexts.chart.marks[one.kind],
    })));
  }

  recolour(): void {
    const colours = (this.#colours = coloursOf(this.#element));
    this.#chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: "transparent" }, textColor: colours.text },
      grid: { vertLines: { color: colours.line }, horzLines: { color: colours.line } },
      rightPriceScale: { borderColor: colours.line },
      timeScale: { borderColor: colours.line },
    });
    // What rises is hollow, so that it can be told without its colour.
    this.#price.applyOptions({
      upColor: colours.surface, borderUpColor: colours.up, wickUpColor: colours.up,
      downColor: colours.down, borderDownColor: colours.down, wickDownColor: colours.down,
    });
    this.#volume.setData(this.#drawn.map((one) => this.#column(one)));
    this.mark(this.#marked);
  }

  remove(): void {
    this.#chart.remove();
  }

  #bar({ open, high, low, close, ...candle }: LiveCandle) {
    return {
      time: startOf({ open, high, low, close, ...candle }) as UTCTimestamp,
      open: this.#height(open), high: this.#height(high), low: this.#height(low), close: this.#height(close),
    };
  }

  #column(candle: LiveCandle) {
    const isUp = this.#height(candle.close) >= this.#height(candle.open);
    return {
      time: startOf(candle) as UTCTimestamp,
      value: Number(candle.volume ?? "0"),
      color: isUp ? this.#colours.volumeUp : this.#colours.volumeDown,
    };
  }

  /** A float for the y of a pixel: it is drawn, and no figure is made of it but the axis's. */
  #height(price: Decimal | null | undefined): number {
    if (price === null || price === undefined) return NaN;
    return Number(this.#factor === null ? price : times(price, this.#factor));
  }

  /** The axis in the digits that prices of this size need. */
  #scale(): void {
    const price = this.#height(this.#drawn.at(-1)?.close);
    if (!(price > 0)) return;
    const exponent = Math.floor(Math.log10(price)) - AXIS_DIGITS;
    if (exponent === this.#exponent) return;
    this.#exponent = exponent;
    this.#price.applyOptions({
      priceFormat: { type: "custom", minMove: 10 ** exponent, base: 10 ** -exponent, formatter: axisText },
    });
  }
}

/** The axis's own heights are floats; as decimals they are written like every price. */
function axisText(height: number): string {
  // Below the lowest price there is room on the axis, and no price.
  if (height < 0) return "";
  const text = height.toFixed(MOST_PLACES);
  return Number(text) === 0 ? "0" : figures.price(text);
}

const MOST_PLACES = 20;
