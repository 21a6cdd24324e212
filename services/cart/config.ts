import { defineConfig, setting } from "#platform/kit/config.ts";

export const CartConfig = defineConfig({
  CART_EXPIRY_SECONDS: setting.integer({
    default: 604_800,
    min: 60,
    max: 31_536_000,
    doc: "Seconds after the last touch until a cart is emptied; seven days by default.",
  }),
});
