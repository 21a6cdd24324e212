// Taxes for shops that know their rates: none, or one rate for each country.
import { ConfigError, setting } from "#platform/kit/config.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { add, divideHalfEven, money, subtract, sum, zero } from "#platform/kit/money.ts";
import { taxPort, type TaxedPurchase } from "./provider.ts";

/** A shop whose prices are what people pay. */
export const noTax = defineProvider(taxPort, {
  name: "none",
  config: {},
  create: () => ({ taxOf: ({ currencyCode }) => Promise.resolve(zero(currencyCode)) }),
});

/** One rate for each country goods go to, on goods after discount and on shipping. */
export const ratesByCountry = defineProvider(taxPort, {
  name: "rates",
  config: {
    TAX_RATES: setting.text({
      default: "",
      check: (text) => void parseRates(text),
      doc: "Taxes that come on top, in percent for each country with at most three decimals, such as DE=19,FR=20,US=0; a country that is not named pays none. Used when TAX_PROVIDER is rates.",
    }),
  },
  create: ({ config }) => {
    const rates = parseRates(config.TAX_RATES);
    return {
      taxOf: (purchase) => Promise.resolve(taxAt(rates.get(purchase.address.country) ?? 0n, purchase)),
    };
  },
});

const thousandth = 1_000n;
const whole = 100n * thousandth;

/** Thousandths of a percent, by country. */
export function parseRates(text: string): ReadonlyMap<string, bigint> {
  const rates = new Map<string, bigint>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [, country, percent, decimals = ""] = /^([A-Z]{2})=(\d{1,2})(?:\.(\d{1,3}))?$/.exec(entry) ?? [];
    if (country === undefined || percent === undefined || rates.has(country))
      throw new ConfigError([
        `TAX_RATES must name each country once with its percentage, such as DE=19,FR=20; "${entry}" is neither.`,
      ]);
    rates.set(country, BigInt(percent) * thousandth + BigInt(decimals.padEnd(3, "0")));
  }
  return rates;
}

/** Rounded once, half to even, over all that is taxed. */
export function taxAt(rate: bigint, { currencyCode, lines, discount, shippingCost }: TaxedPurchase) {
  const goods = subtract(
    sum(
      currencyCode,
      lines.map(({ subtotal }) => subtotal),
    ),
    discount,
  );
  return money(currencyCode, divideHalfEven(add(goods, shippingCost).minor * rate, whole));
}
