import { parseDecimal } from "#platform/kit/money.ts";
import { endpoint } from "../endpoint.ts";
import { moneyJson, ratesJson } from "../money.ts";
import { instant, listJson } from "../present.ts";
import { Conversion, ConversionQuery, CurrencyList } from "../schemas/money.ts";

const listCurrencies = endpoint({
  id: "listCurrencies",
  method: "GET",
  path: "/api/currencies",
  journey: "browse",
  tag: "Currencies",
  summary: "List the currencies that prices can be shown and charged in",
  access: "anyone",
  status: 200,
  answer: CurrencyList,
  run: async (ctx, { serviceCall }) => {
    const { currencies } = await ctx.rates.list(serviceCall);
    return listJson(
      currencies.map(({ code, decimals, unitsPerEuro }) => ({
        code,
        decimals,
        ...(unitsPerEuro === "" ? {} : { unitsPerEuro }),
      })),
    );
  },
});

const convert = endpoint({
  id: "convertAmount",
  method: "GET",
  path: "/api/currencies/convert",
  journey: "browse",
  tag: "Currencies",
  summary: "Convert an amount",
  description: "Exact, rounded half to even.",
  access: "anyone",
  query: ConversionQuery,
  status: 200,
  answer: Conversion,
  refusals: { 400: ["CURRENCY_UNKNOWN"] },
  run: async (ctx, { query, serviceCall }) => {
    const from = parseDecimal(query.amount, query.from, "amount", true);
    const { amounts, snapshot } = await ctx.rates.convert([from], query.to, serviceCall);
    return { ...moneyJson(amounts[0]), from: moneyJson(from), rates: ratesJson(snapshot, instant) };
  },
});

export const currencyEndpoints = [listCurrencies, convert];
