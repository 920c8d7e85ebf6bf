/** How figures are written for people: once, from the exact decimal, by the browser's locale. */
import { isZero, leadingZeros, rounded } from "./decimal.js";
import { texts } from "./texts.js";
import type { Decimal } from "./types.js";

/** An exact decimal: what these formats are given must not have been a float. */
type Exact = Intl.StringNumericLiteral;

/** So many zeros behind the point are counted in a subscript rather than written. */
const ZEROS_WRITTEN = 3;
const PRICE_DIGITS = 4;
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

export interface Figures {
  /** An amount in few digits: 1.03K. */
  short(amount: Decimal | null | undefined): string;
  /** An amount with all its digits. */
  exact(amount: Decimal | null | undefined): string;
  /** Dollars in few digits: $1.03K. */
  dollars(amount: Decimal | null | undefined): string;
  /** A price in four digits; many zeros are counted: 0.0₆2974. */
  price(price: Decimal | null | undefined): string;
  count(count: number | null | undefined): string;
  whole(count: number | null | undefined): string;
  /** A share of 0 to 1, in percent. */
  share(share: number | null | undefined): string;
  /** A change as a share, with its sign. */
  change(share: number | null | undefined): string;
  date(time: string | null | undefined): string;
  clock(time: number | string): string;
}

/** Formats of a locale; making them is dear, so there is one set for the page. */
export function figuresOf(locale: string | undefined): Figures {
  const formats = {
    short: new Intl.NumberFormat(locale, { notation: "compact", minimumSignificantDigits: 3, maximumSignificantDigits: 3 }),
    small: new Intl.NumberFormat(locale, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }),
    dollars: new Intl.NumberFormat(locale, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", notation: "compact", minimumSignificantDigits: 3, maximumSignificantDigits: 3 }),
    price: new Intl.NumberFormat(locale, { minimumSignificantDigits: PRICE_DIGITS, maximumSignificantDigits: PRICE_DIGITS }),
    count: new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 }),
    whole: new Intl.NumberFormat(locale),
    share: new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    change: new Intl.NumberFormat(locale, { style: "percent", minimumSignificantDigits: 3, maximumSignificantDigits: 3, maximumFractionDigits: 0, roundingPriority: "morePrecision", signDisplay: "exceptZero" }),
    date: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
    clock: new Intl.DateTimeFormat(locale, { timeStyle: "medium" }),
  };
  const shortOf = (amount: Decimal) => {
    if (isZero(amount)) return formats.whole;
    return leadingZeros(amount) ? formats.small : formats.short;
  };
  const point = formats.price.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
  return {
    short: known((amount) => shortOf(amount).format(amount as Exact)),
    dollars: known((amount) => formats.dollars.format(amount as Exact)),
    exact: known((amount) => {
      // Not every browser writes more than 20 places, and prices have more.
      const [whole = "", fraction] = amount.split(".");
      const places = fraction?.replace(/0+$/, "");
      return formats.whole.format(whole as Exact) + (places ? point + places : "");
    }),
    price: known((price) => priced(price, point) ?? formats.price.format(price as Exact)),
    count: known((count) => formats.count.format(count)),
    whole: known((count) => formats.whole.format(count)),
    share: known((share) => formats.share.format(share)),
    change: known((share) => formats.change.format(share)),
    date: known((time) => formats.date.format(new Date(time))),
    clock: (time) => formats.clock.format(new Date(time)),
  };
}

function known<Value>(write: (value: Value) => string): (value: Value | null | undefined) => string {
  return (value) => (value === null || value === undefined ? texts.unknown : write(value));
}

/** A small price with its zeros counted; null where there are few. */
function priced(price: Decimal, point: string): string | null {
  const digits = rounded(price, PRICE_DIGITS);
  const zeros = leadingZeros(digits);
  if (zeros <= ZEROS_WRITTEN) return null;
  const sign = digits.startsWith("-") ? "-" : "";
  const subscript = [...String(zeros)].map((digit) => SUBSCRIPTS[Number(digit)]).join("");
  return `${sign}0${point}0${subscript}${(digits.split(".")[1] ?? "").slice(zeros).padEnd(PRICE_DIGITS, "0")}`;
}

const STEPS = [
  ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1],
] as const;

/** How old something is, in its largest unit, rounded down; `now` is the chain's, in milliseconds. */
export function ageOf(time: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  const [unit, length] = STEPS.find(([, step]) => seconds >= step) ?? (["second", 1] as const);
  return texts.ages[unit](Math.floor(seconds / length));
}

/** Figures of the browser's language. */
export const figures = figuresOf(globalThis.navigator?.language);
