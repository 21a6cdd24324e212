import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { decimalsOf } from "#platform/kit/money.ts";
import type { CurrencyContext } from "../context.ts";
import { currenciesSold, isStale, unitsPerEuro, type RateSnapshot } from "../rate.ts";

export async function listCurrencies(ctx: CurrencyContext) {
  // public: rates and codes are on every page of the shop
  const currencies = currenciesSold(ctx.rates).map((code) => ({
    code,
    decimals: decimalsOf(code),
    unitsPerEuro: unitsPerEuro(code, ctx.rates) ?? "",
    rate: ctx.rates.units.get(code) ?? "",
  }));
  return await Promise.resolve({ currencies, snapshot: snapshotMessage(ctx, ctx.rates) });
}

/** What callers may know about a set of rates. */
export function snapshotMessage({ provider, clock }: CurrencyContext, rates: RateSnapshot) {
  return {
    id: rates.id,
    provider: provider.name,
    asOf: timestampFromDate(rates.asOf),
    stale: isStale(rates, provider.isLive, clock.now()),
  };
}
