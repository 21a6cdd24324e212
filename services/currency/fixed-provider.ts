import { ConfigError, defineConfig, setting } from "#platform/kit/config.ts";
import { parseRate, rateOne } from "#platform/kit/exchange.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { ratePort, type PublishedRates } from "./provider.ts";

/** The merchant's own rates, in force until the shop is started with others. */
export const fixedProvider = defineProvider(ratePort, {
  name: "fixed",
  config: defineConfig({
    CURRENCY_RATES: setting.text({
      default: "",
      check: (text) => void parseFixedRates(text),
      doc: "Rates of the merchant's own, used when CURRENCY_PROVIDER is fixed: for each currency to be sold in, how many units of it one unit of SHOP_CURRENCY buys, as CODE=units with commas between, such as USD=3.25,EUR=3.0 in a shop in KWD. SHOP_CURRENCY itself may stand there as 1.",
    }),
  }),
  create: ({ config }, { baseCurrency }) => {
    const rates = parseFixedRates(config.CURRENCY_RATES, baseCurrency);
    return { name: "fixed", isLive: false, fetchRates: () => Promise.resolve(rates) };
  },
});

/** Throws a ConfigError that names the first entry that is wrong; without a base currency, what is wrong in any shop. */
export function parseFixedRates(text: string, baseCurrency?: string): PublishedRates {
  const units = new Map(baseCurrency === undefined ? [] : [[baseCurrency, "1"]]);
  const seen = new Set<string>();
  const entries = text.split(",").map((entry) => entry.trim());
  if (text.trim() === "") fail("is empty; CURRENCY_PROVIDER=fixed needs it");
  for (const entry of entries) {
    const [, code = "", rate = ""] =
      /^([A-Z]{3}) *= *(\S+)$/.exec(entry) ?? fail(`says "${entry.slice(0, 40)}"`);
    if (seen.has(code)) fail(`names ${code} twice`);
    seen.add(code);
    const scaled = scaledOf(rate, code);
    if (code === baseCurrency && scaled !== rateOne)
      fail(`says ${entry}, but rates are units for one ${baseCurrency}, so that of ${baseCurrency} is 1`);
    units.set(code, rate);
  }
  return { units };
}

function scaledOf(rate: string, code: string): bigint {
  try {
    return parseRate(rate);
  } catch {
    return fail(`gives ${code} a rate that is no positive decimal number with at most 8 decimals`);
  }
}

function fail(why: string): never {
  throw new ConfigError([
    `CURRENCY_RATES ${why}. Write CODE=units with commas between, such as USD=3.25,EUR=3.0.`,
  ]);
}
