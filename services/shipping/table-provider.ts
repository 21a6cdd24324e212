// The house's own answer to the shipping port: a table of rates, and no carrier.
import { defineProvider } from "#platform/kit/extension.ts";
import { shippingPort } from "./provider.ts";
import { quoteMethods, ratesIn, zoneOf } from "./shipping-method.ts";

export const tableProvider = defineProvider(shippingPort, {
  name: "table",
  config: {},
  create: ({ shop }, { originCountry }) => {
    const rates = ratesIn(shop.currency);
    return {
      quoteMethods: ({ address, items }) => {
        const itemCount = items.reduce((count, { quantity }) => count + quantity, 0n);
        return Promise.resolve(quoteMethods(rates, zoneOf(address, originCountry), itemCount));
      },
    };
  },
});
