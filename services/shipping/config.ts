import validator from "validator";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const ShippingConfig = defineConfig({
  SHIPPING_ORIGIN_COUNTRY: {
    ...setting.text({
      default: "US",
      doc: "Country the parcels leave from (ISO 3166-1 alpha-2); addresses there are domestic.",
    }),
    read: (text: string | undefined) => {
      if (text === undefined || !validator.isISO31661Alpha2(text) || text !== text.toUpperCase())
        throw new Error("must be the two capital letters of a country, such as US");
      return text;
    },
  },
});
