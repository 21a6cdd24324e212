// Your shop: what it is called, what it sells in, and what it is made of.
import { defineShop } from "stoa/kit/shop-file";
import { shop as house } from "stoa/shop";

export const shop = defineShop({
  ...house.choices,
  name: "{{title}}",
  currency: "USD",
  country: "US",
  locale: "en-US",
  theme: new URL("./theme/", import.meta.url),
  extensions: [
    ...house.extensions,
    {
      name: "volume-discount",
      for: ["checkout"],
      load: async () => (await import("./extensions/volume-discount/extension.ts")).volumeDiscount,
    },
  ],
});
