import validator from "validator";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const ShippingConfig = defineConfig({
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
