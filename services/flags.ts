import { defineConfig, setting } from "#platform/kit/config.ts";

/** What can be switched while the shop runs: by the environment, or by the file of FLAGS_FILE. */
export const ShopFlags = defineConfig({
  ENABLE_CHECKOUT: setting.flag({
    default: true,
    doc: "false refuses new orders with 503 CHECKOUT_DISABLED.",
  }),
  ENABLE_RECOMMENDATIONS: setting.flag({ default: true, doc: "false shows no recommendations." }),
  MAINTENANCE_MODE: setting.flag({
    default: false,
    doc: "true answers 503 to everything but health, docs and admin.",
  }),
});
