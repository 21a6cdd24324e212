// Exchange rates and what they do to amounts: pure, exact, in integers.
import { createHash } from "node:crypto";
import { convertAt, parseRate, rateOne, type RatePair } from "#platform/kit/exchange.ts";
import { decimalsOf, divideHalfEven, type Money } from "#platform/kit/money.ts";
import { currencyUnknown, soldInOneCurrency } from "./errors.ts";
import type { PublishedRates } from "./provider.ts";

/** A named set of rates that amounts are converted with. */
export interface RateSnapshot extends PublishedRates {
  readonly id: string;
  /** What the shop sells in, whether or not the rates know it. */
  readonly baseCurrency: string;
  /** Name of the provider that published them. */
  readonly provider: string;
  /** When the provider was last heard to offer these rates as its newest. */
  readonly asOf: Date;
  /** The same rates as integers, all times 10^8. */
  readonly scaled: ReadonlyMap<string, bigint>;
}

const staleAfterMs = 24 * 3_600_000;

/** Checks the rates and gives them a name that tells what they are: equal rates always have the same name. */
export function createSnapshot(
  provider: string,
  rates: PublishedRates,
  { asOf, baseCurrency }: Pick<RateSnapshot, "asOf" | "baseCurrency">,
): RateSnapshot {
  const scaled = new Map(
    [...rates.units].map(([code, rate]) => {
      decimalsOf(code);
      return [code, parseRate(rate)] as const;
    }),
  );
  const content = [...rates.units].map(([code, rate]) => `${code}=${rate}`).join(",");
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const day = rates.publishedOn === undefined ? "" : `${rates.publishedOn}-`;
  return { ...rates, id: `${provider}-${day}${hash}`, baseCurrency, provider, asOf, scaled };
}

/** Only the silence of a live provider makes rates stale; others do not age. */
export function isStale(snapshot: RateSnapshot, isLive: boolean, now: Date): boolean {
  return isLive && now.getTime() - snapshot.asOf.getTime() > staleAfterMs;
}

/**
 * The currencies a shop can sell in, in the order of the rates: all of them where they know its base currency, else that one
 * alone.
 */
export function currenciesSold({ scaled, baseCurrency }: RateSnapshot): readonly string[] {
  return scaled.has(baseCurrency) ? [...scaled.keys()] : [baseCurrency];
}

/** Units of a currency for one EUR; undefined where the rates do not know one of them. */
export function unitsPerEuro(code: string, { units, scaled }: RateSnapshot): string | undefined {
  const [rate, euro] = [scaled.get(code), scaled.get("EUR")];
  if (rate === undefined || euro === undefined) return undefined;
  if (euro === rateOne) return units.get(code);
  const perEuro = divideHalfEven(rate * rateOne, euro)
    .toString()
    .padStart(9, "0");
  return `${perEuro.slice(0, -8)}.${perEuro.slice(-8)}`.replace(/\.?0+$/, "");
}

/** Converts in one division, so that it is rounded once: half to even, in the minor unit of the target. */
export function convertMoney(amount: Money, toCode: string, rates: RateSnapshot): Money {
  return convertAt(amount, toCode, ratesOf(amount.currencyCode, toCode, rates));
}

/** The same at a billionth of a unit, for amounts that come as units and nanos. */
export function convertNanos(nanos: bigint, fromCode: string, toCode: string, rates: RateSnapshot): bigint {
  const { from, to } = ratesOf(fromCode, toCode, rates);
  return divideHalfEven(nanos * to, from);
}

/** The shop's own currency is worth itself, also where the rates do not know it. */
function ratesOf(fromCode: string, toCode: string, { scaled, baseCurrency }: RateSnapshot): RatePair {
  const [from, to] = [scaled.get(fromCode), scaled.get(toCode)];
  if (from !== undefined && to !== undefined) return { from, to };
  if (fromCode === baseCurrency && toCode === baseCurrency) return { from: rateOne, to: rateOne };
  if (fromCode === baseCurrency && from === undefined) throw soldInOneCurrency(baseCurrency, toCode);
  throw currencyUnknown(from === undefined ? fromCode : toCode);
}
