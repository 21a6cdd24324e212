// Exchange rates as exact integers, and the ones that come with the program.
import bundled from "./bundled-rates.json" with { type: "json" };
import { decimalsOf, divideHalfEven, formatDecimal, money, type Money } from "./money.ts";

const rateDecimals = 8;

/** What `parseRate` makes of "1". */
export const rateOne = 10n ** BigInt(rateDecimals);

/** "1.1305" times 10^8. Throws an Error for what is no positive decimal number of reasonable length. */
export function parseRate(text: string): bigint {
  const match = /^(\d{1,9})(?:\.(\d{1,8}))?$/.exec(text);
  const scaled = match ? BigInt(`${match[1]}${(match[2] ?? "").padEnd(rateDecimals, "0")}`) : 0n;
  if (scaled <= 0n)
    throw new Error(
      `An exchange rate must be a positive decimal number with at most 8 decimals, not "${text.slice(0, 40)}".`,
    );
  return scaled;
}

/** How many units of the one and of the other currency are worth the same. */
export interface RatePair {
  readonly from: bigint;
  readonly to: bigint;
}

/** Converts in one division, so that it is rounded once: half to even, in the minor unit of the target. */
export function convertAt(amount: Money, toCode: string, { from, to }: RatePair): Money {
  const numerator = amount.minor * to * 10n ** BigInt(decimalsOf(toCode));
  return money(toCode, divideHalfEven(numerator, from * 10n ** BigInt(decimalsOf(amount.currencyCode))));
}

/** The rates that come with the program: of one day long ago, for examples. They are always there and never change. */
export const bundledRates: {
  /** yyyy-mm-dd */
  readonly publishedOn: string;
  /** Decimal strings in the order in which they are listed; EUR itself is 1. */
  readonly unitsPerEuro: ReadonlyMap<string, string>;
} = { publishedOn: bundled.publishedOn, unitsPerEuro: new Map(Object.entries(bundled.unitsPerEuro)) };

/**
 * An amount that was written down for one currency, said in another: converted where the bundled rates know both, else with the
 * same figures ("19.99" is 19.990 KWD and 20 CLP: what the currency has no decimals for is rounded up). The answer never
 * changes, so it suits what the house brings along, such as the prices of its examples. What is charged at the rates of the
 * day asks the currency service instead.
 */
export function restateMoney(amount: Money, toCode: string): Money {
  if (amount.currencyCode === toCode) return amount;
  const [from, to] = [amount.currencyCode, toCode].map((code) => bundledRates.unitsPerEuro.get(code));
  if (from !== undefined && to !== undefined)
    return convertAt(amount, toCode, { from: parseRate(from), to: parseRate(to) });
  const [whole = "0", fraction = ""] = formatDecimal(amount).split(".");
  const decimals = decimalsOf(toCode);
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  return money(toCode, /[1-9]/.test(fraction.slice(decimals)) ? kept + 1n : kept);
}
