import type { ConvertRequest } from "#gen/stoa/currency/v1/currency_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { zero } from "#platform/kit/money.ts";
import type { CurrencyContext } from "../context.ts";
import { convertMoney } from "../rate.ts";
import { snapshotMessage } from "./list-currencies.ts";

const amountsMax = 500;
const int64Max = 2n ** 63n - 1n;

export async function convert(ctx: CurrencyContext, request: ConvertRequest) {
  // public: it tells nothing but what the public rates say
  if (request.amounts.length > amountsMax)
    throw invalid([{ path: "amounts", message: `must be at most ${amountsMax}` }]);
  const { rates } = ctx;
  const amounts = request.amounts.map((amount, index) => {
    const converted = convertMoney(amount, request.toCurrencyCode, rates);
    if (converted.minor > int64Max || converted.minor < -int64Max)
      throw invalid([{ path: `amounts[${index}]`, message: "is too large to be converted" }]);
    return converted;
  });
  // An unknown currency is refused also where there is nothing to convert.
  if (amounts.length === 0) convertMoney(zero(ctx.baseCurrency), request.toCurrencyCode, rates);
  return await Promise.resolve({ amounts, snapshot: snapshotMessage(ctx, rates) });
}
