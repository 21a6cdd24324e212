import { defineConfig, setting } from "#platform/kit/config.ts";

export const OrderConfig = defineConfig({
  ORDER_LOOKUPS_PER_MINUTE: setting.integer({
    default: 20,
    min: 1,
    max: 10_000,
    doc: "How often one client address may ask in a minute for the mail that shows an order by its number and email.",
  }),
});
