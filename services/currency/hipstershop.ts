import { CurrencyService, type CurrencyConversionRequest } from "#gen/hipstershop/demo_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import type { CurrencyContext } from "./context.ts";
import { convertNanos } from "./rate.ts";

const nanosOfUnit = 1_000_000_000n;
const int64Max = 2n ** 63n - 1n;

/** The currency service of the Online Boutique's contract. Public: it has no identity to ask for. */
export function hipsterCurrency(ctx: CurrencyContext) {
  return bindRpcs(CurrencyService, ctx, { getSupportedCurrencies, convert });
}

async function getSupportedCurrencies(ctx: CurrencyContext) {
  return await Promise.resolve({ currencyCodes: [...ctx.rates.units.keys()] });
}

/** Exact to a billionth of a unit: foreign clients round for themselves. */
async function convert(ctx: CurrencyContext, { from, toCode }: CurrencyConversionRequest) {
  if (!from) throw invalid([{ path: "from", message: "is required" }]);
  const { currencyCode, units, nanos } = from;
  if (Math.abs(nanos) >= Number(nanosOfUnit))
    throw invalid([{ path: "from.nanos", message: "must be from -999999999 to 999999999" }]);
  if ((units > 0n && nanos < 0) || (units < 0n && nanos > 0))
    throw invalid([{ path: "from", message: "must have units and nanos of one sign" }]);
  const converted = convertNanos(units * nanosOfUnit + BigInt(nanos), currencyCode, toCode, ctx.rates);
  const answer = {
    currencyCode: toCode,
    units: converted / nanosOfUnit,
    nanos: Number(converted % nanosOfUnit),
  };
  if (answer.units > int64Max || answer.units < -int64Max)
    throw invalid([{ path: "from", message: "is too large to be converted" }]);
  return await Promise.resolve(answer);
}
