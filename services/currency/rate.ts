// Exchange rates and what they do to amounts: pure, exact, in integers.
import { createHash } from "node:crypto";
import { decimalsOf, divideHalfEven, money, type Money } from "#platform/kit/money.ts";
import { currencyUnknown } from "./errors.ts";

export type ProviderName = "snapshot" | "ecb";

/** Rates as a provider publishes them. */
export interface PublishedRates {
  /** yyyy-mm-dd */
  readonly publishedOn: string;
  /** Decimal strings, in the provider's order; EUR itself is 1. */
  readonly unitsPerEuro: ReadonlyMap<string, string>;
}

/** A named set of rates that amounts are converted with. */
export interface RateSnapshot extends PublishedRates {
  readonly id: string;
  readonly provider: ProviderName;
  /** When the provider was last heard to offer these rates as its newest. */
  readonly asOf: Date;
  /** The same rates as integers, all times 10^8. */
  readonly scaled: ReadonlyMap<string, bigint>;
}

const rateDecimals = 8;
const staleAfterMs = 24 * 3_600_000;

/** Checks the rates and gives them a name that tells what they are: equal rates always have the same name. */
export function createSnapshot(provider: ProviderName, rates: PublishedRates, asOf: Date): RateSnapshot {
  const scaled = new Map(
    [...rates.unitsPerEuro].map(([code, rate]) => {
      decimalsOf(code);
      return [code, parseRate(rate)] as const;
    }),
  );
  if (scaled.get("EUR") !== 10n ** BigInt(rateDecimals))
    throw new Error("Rates must say that one EUR is 1 EUR.");
  const content = [...rates.unitsPerEuro].map(([code, rate]) => `${code}=${rate}`).join(",");
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return { ...rates, id: `${provider}-${rates.publishedOn}-${hash}`, provider, asOf, scaled };
}

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

/** Only the provider's silence makes rates stale; bundled ones do not age. */
export function isStale(snapshot: RateSnapshot, configured: ProviderName, now: Date): boolean {
  return configured !== "snapshot" && now.getTime() - snapshot.asOf.getTime() > staleAfterMs;
}

/** Converts by way of EUR in one division, so that it is rounded once: half to even, in the minor unit of the target. */
export function convertMoney(amount: Money, toCode: string, rates: RateSnapshot): Money {
  const [fromRate, toRate] = [rateOf(amount.currencyCode, rates), rateOf(toCode, rates)];
  const numerator = amount.minor * toRate * 10n ** BigInt(decimalsOf(toCode));
  return money(toCode, divideHalfEven(numerator, fromRate * 10n ** BigInt(decimalsOf(amount.currencyCode))));
}

/** The same at a billionth of a unit, for amounts that come as units and nanos. */
export function convertNanos(nanos: bigint, fromCode: string, toCode: string, rates: RateSnapshot): bigint {
  const [fromRate, toRate] = [rateOf(fromCode, rates), rateOf(toCode, rates)];
  return divideHalfEven(nanos * toRate, fromRate);
}

function rateOf(code: string, { scaled }: RateSnapshot): bigint {
  const rate = scaled.get(code);
  if (rate === undefined) throw currencyUnknown(code);
  return rate;
}
