import { defineConfig, setting } from "#platform/kit/config.ts";

export const CurrencyConfig = defineConfig({
  CURRENCY_PROVIDER: setting.choice(["snapshot", "ecb"], {
    default: "snapshot",
    doc: "Where exchange rates come from: snapshot (a bundled table that never changes, for demos) or ecb (the daily reference rates of the European Central Bank).",
  }),
  CURRENCY_ECB_URL: setting.url({
    default: "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
    schemes: ["https", "http"],
    doc: "Address of the daily reference rates as XML; used when CURRENCY_PROVIDER is ecb.",
  }),
});
