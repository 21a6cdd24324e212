import { bundledRates } from "#platform/kit/exchange.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { ratePort, type PublishedRates } from "./provider.ts";

/** The rates that come with the program: always there, never new. */
export const bundled: PublishedRates = {
  publishedOn: bundledRates.publishedOn,
  units: bundledRates.unitsPerEuro,
};

export const bundledProvider = defineProvider(ratePort, {
  name: "snapshot",
  config: {},
  create: () => ({ name: "snapshot", isLive: false, fetchRates: () => Promise.resolve(bundled) }),
});
