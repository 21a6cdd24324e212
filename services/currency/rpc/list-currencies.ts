import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { decimalsOf } from "#platform/kit/money.ts";
import type { CurrencyContext } from "../context.ts";
import { isStale, type RateSnapshot } from "../rate.ts";

export async function listCurrencies(ctx: CurrencyContext) {
  // public: rates and codes are on every page of the shop
  const currencies = [...ctx.rates.unitsPerEuro].map(([code, unitsPerEuro]) => ({
    code,
    decimals: decimalsOf(code),
    unitsPerEuro,
  }));
  return await Promise.resolve({ currencies, snapshot: snapshotMessage(ctx, ctx.rates) });
}

/** What callers may know about a set of rates. */
export function snapshotMessage({ configured, clock }: CurrencyContext, rates: RateSnapshot) {
  return {
    id: rates.id,
    provider: configured,
    asOf: timestampFromDate(rates.asOf),
    stale: isStale(rates, configured, clock.now()),
  };
}
