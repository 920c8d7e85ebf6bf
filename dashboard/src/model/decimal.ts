/** Exact decimals as the API writes them: strings, compared and rounded with whole numbers. */
import type { Decimal } from "./types.js";

interface Parts {
  isNegative: boolean;
  /** The digits, without the point. */
  digits: string;
  /** How many of them are behind the point. */
  scale: number;
}

const PLAIN = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Whether a text is a decimal in plain notation. */
export function isDecimal(text: string): boolean {
  return PLAIN.test(text);
}

function partsOf(text: Decimal): Parts {
  const found = PLAIN.exec(text);
  if (!found) throw new RangeError(`no decimal: ${text}`);
  const [, sign, whole = "", fraction = ""] = found;
  return { isNegative: sign === "-", digits: whole + fraction, scale: fraction.length };
}

function textOf(value: bigint, scale: number): Decimal {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const fraction = scale ? digits.slice(-scale).replace(/0+$/, "") : "";
  const whole = scale ? digits.slice(0, -scale) : digits;
  return `${sign}${whole}${fraction && `.${fraction}`}`;
}

/** The value in units of 10^-scale, where that is exact. */
function unitsOf(text: Decimal, scale: number): bigint {
  const { isNegative, digits, scale: own } = partsOf(text);
  const units = BigInt(digits) * 10n ** BigInt(scale - own);
  return isNegative ? -units : units;
}

/** Less than 0, 0 or more than 0, as sorting wants it. */
export function compare(one: Decimal, other: Decimal): number {
  const scale = Math.max(partsOf(one).scale, partsOf(other).scale);
  const difference = unitsOf(one, scale) - unitsOf(other, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The decimal to so many significant digits, half up, without zeros at its end. */
export function rounded(text: Decimal, significant: number): Decimal {
  const { isNegative, digits, scale } = partsOf(text);
  const value = BigInt(digits);
  const surplus = value.toString().length - significant;
  if (value === 0n || surplus <= 0) return textOf(isNegative ? -value : value, scale);
  const unit = 10n ** BigInt(surplus);
  const units = ((value + unit / 2n) / unit) * unit;
  return textOf(isNegative ? -units : units, scale);
}

export function isZero(text: Decimal): boolean {
  return BigInt(partsOf(text).digits) === 0n;
}

/** How many zeros follow the point before the first other digit; 0 for what is 1 or more. */
export function leadingZeros(text: Decimal): number {
  const found = /^-?0\.(0*)[1-9]/.exec(text);
  return found?.[1]?.length ?? 0;
}

/** The decimal times *by* / *per*: exact where that ends, else to 20 more places, rounded down. */
export function scaled(text: Decimal, by: bigint, per: bigint): Decimal {
  const { isNegative, digits, scale } = partsOf(text);
  const value = (BigInt(digits) * by * 10n ** PLACES) / per;
  return textOf(isNegative ? -value : value, scale + Number(PLACES));
}

const PLACES = 20n;

/** The exact sum; an empty list is 0. */
export function sum(texts: readonly Decimal[]): Decimal {
  const scale = Math.max(0, ...texts.map((text) => partsOf(text).scale));
  return textOf(texts.reduce((total, text) => total + unitsOf(text, scale), 0n), scale);
}

/** One less the other, exactly. */
export function minus(one: Decimal, other: Decimal): Decimal {
  const scale = Math.max(partsOf(one).scale, partsOf(other).scale);
  return textOf(unitsOf(one, scale) - unitsOf(other, scale), scale);
}

/** The exact product. */
export function times(one: Decimal, other: Decimal): Decimal {
  const [first, second] = [partsOf(one), partsOf(other)];
  return textOf(unitsOf(one, first.scale) * unitsOf(other, second.scale), first.scale + second.scale);
}

/** One as a share of the other, for bars and percents: rounded down to a millionth; 0 of nothing. */
export function shareOf(one: Decimal, whole: Decimal): number {
  const scale = Math.max(partsOf(one).scale, partsOf(whole).scale);
  const total = unitsOf(whole, scale);
  return total === 0n ? 0 : Number((unitsOf(one, scale) * 1_000_000n) / total) / 1_000_000;
}
