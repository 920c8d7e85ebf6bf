import { describe, expect, it } from "vitest";
import { compare, isDecimal, leadingZeros, rounded, scaled } from "../../src/model/decimal.js";
import { ageOf, figuresOf } from "../../src/model/figures.js";

/** Numbers without a seed would fail differently each time. */
function* numbers(count: number): Generator<[bigint, number]> {
  let state = 88_172_645_463_325_252n;
  const next = () => (state = BigInt.asUintN(64, (state ^ (state << 13n)) ^ ((state ^ (state << 13n)) >> 7n)) ^ (state >> 3n) | 1n);
  for (let made = 0; made < count; made += 1) {
    const digits = Number(next() % 38n) + 1;
    yield [(next() * next()) % 10n ** BigInt(digits), Number(next() % 31n)];
  }
}

/** The decimal of a whole number of 10^-scale, written by the rules of school. */
function written(units: bigint, scale: number): string {
  const text = units.toString().padStart(scale + 1, "0");
  const fraction = scale ? text.slice(-scale) : "";
  return fraction ? `${text.slice(0, -scale)}.${fraction}` : text;
}

const cases = [...numbers(400)];
const ungrouped = (text: string) => text.replaceAll(",", "");

describe("decimals, against whole numbers", () => {
  it("compare as their units do", () => {
    for (const [at, [units, scale]] of cases.entries()) {
      const [others, places] = cases[(at + 1) % cases.length] as [bigint, number];
      const [one, other] = [units * 10n ** BigInt(places), others * 10n ** BigInt(scale)];
      expect(compare(written(units, scale), written(others, places))).toBe(one < other ? -1 : Number(one > other));
    }
  });

  it("are rounded to the nearest that has so many digits", () => {
    for (const [units, scale] of cases) {
      const found = rounded(written(units, scale), 4);
      const [whole = "", fraction = ""] = found.split(".");
      const [got, want] = [BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length), units * 10n ** BigInt(40 - scale)];
      const unit = 10n ** BigInt(Math.max(0, want.toString().length - 4));
      expect((got > want ? got - want : want - got) * 2n <= unit).toBe(true);
      expect((whole + fraction).replace(/^0+|0+$/g, "").length).toBeLessThanOrEqual(4);
    }
  });

  it("are shown with every digit that they have", () => {
    const { exact } = figuresOf("en-US");
    for (const [units, scale] of cases) {
      const text = written(units, scale);
      const trimmed = text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
      expect(ungrouped(exact(text))).toBe(trimmed.replace(/^0+(?=\d)/, ""));
    }
  });

  it("are scaled there and back", () => {
    for (const [units, scale] of cases) {
      const text = written(units, scale);
      expect(compare(scaled(scaled(text, 1n, 100n), 100n, 1n), text)).toBe(0);
    }
  });

  it.each(["", "-", "1.", ".5", "1e5", "0x1", "1,5", "NaN", " 1"])("are not %j", (text) => {
    expect(isDecimal(text)).toBe(false);
  });
});

describe("figures for people", () => {
  const { short, dollars, price, share, change, count } = figuresOf("en-US");

  it.each([
    ["0", "0"], ["128.735121374100141963", "129"], ["27.334424631", "27.3"], ["0.584252098", "0.584"], ["0.00047", "0.000470"],
    ["1033.206816376", "1.03K"], ["753865692.295287", "754M"], ["999.9", "1.00K"], ["18446744073709551616", "18,400,000T"],
  ])("%s is %s for short", (amount, shown) => expect(short(amount)).toBe(shown));

  it.each([
    ["0.000000170766653383763442554", "0.0₆1708"], ["0.0000000299999", "0.0₇3000"], ["0.00012345", "0.0001235"],
    ["0.0000099996", "0.0₅1000"].map((one) => one.replace("₅1000", "₄1000")), ["1.5", "1.500"], ["1234.5678", "1,235"],
  ])("the price %s is %s", (amount, shown) => expect(price(amount)).toBe(shown));

  it("use the locale's signs", () => {
    const german = figuresOf("de-DE");
    expect(german.price("0.000000170766653383763442554")).toBe("0,0₆1708");
    expect(german.exact("1234567.25")).toBe("1.234.567,25");
  });

  it("say what is unknown, never zero", () => {
    for (const write of [short, dollars, price, share, change, count]) expect(write(null)).toBe("–");
  });

  it("write dollars as dollars", () => {
    expect(["22531.47", "0.5", "1234567890.1"].map(dollars)).toEqual(["$22.5K", "$0.500", "$1.23B"]);
  });

  it("sign a change", () => {
    expect([change(0.0435), change(-0.0137), change(0), change(9.6226), change(10.638)]).toEqual(["+4.35%", "-1.37%", "0.00%", "+962%", "+1,064%"]);
  });

  it("count zeros", () => expect([leadingZeros("0.0012"), leadingZeros("1.001"), leadingZeros("0")]).toEqual([2, 0, 0]));

  it("give ages in their largest unit, rounded down, and none below nothing", () => {
    const ages = [0, 59, 60, 3_599, 86_399, 172_800, -5].map((s) => ageOf("2026-01-01T00:00:00Z", Date.UTC(2026, 0, 1) + s * 1000));
    expect(ages).toEqual(["0s", "59s", "1m", "59m", "23h", "2d", "0s"]);
  });
});
