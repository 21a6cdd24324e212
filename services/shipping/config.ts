import validator from "validator";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const ShippingConfig = defineConfig({
  SHIPPING_RETENTION_DAYS: setting.integer({
    default: 180,
    min: 1,
    max: 36_500,
    doc: "How long the addresses of parcels are kept that have arrived or were cancelled; the order keeps its own.",
  }),
  SHIPPING_ORIGIN_COUNTRY: {
    ...setting.optionalText({
      doc: "Country the parcels leave from (ISO 3166-1 alpha-2) when it is not SHOP_COUNTRY; addresses there are domestic.",
    }),
    read: (text: string | undefined) => {
      if (text === undefined || text === "") return undefined;
      if (!validator.isISO31661Alpha2(text) || text !== text.toUpperCase())
        throw new Error("must be the two capital letters of a country, such as US");
      return text;
    },
  },
});
