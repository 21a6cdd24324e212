import { defineConfig, setting } from "#platform/kit/config.ts";

export const CartConfig = defineConfig({
  CART_EXPIRY_SECONDS: setting.integer({
    default: 604_800,
    min: 60,
    max: 31_536_000,
    doc: "Seconds after the last touch until a cart is emptied; seven days by default.",
  }),
  CART_CURRENCY: setting.text({
    default: "USD",
    aliases: ["CATALOG_CURRENCY"],
    pattern: /^[A-Z]{3}$/,
    shape: "an ISO 4217 code of three capital letters",
    doc: "Currency in which an empty cart costs nothing; that of the catalogue.",
  }),
});
