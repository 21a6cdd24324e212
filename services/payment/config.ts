import { defineConfig, setting } from "#platform/config.ts";

export const PaymentConfig = defineConfig({
  PAYMENT_SIMULATOR_DELAY_MS: setting.integer({
    default: 0,
    max: 60_000,
    doc: "How long the built-in payment provider takes to answer, to see the shop with a slow bank.",
  }),
  PAYMENT_API_KEY: setting.optionalSecret({
    doc: "Key for the payment provider; the built-in simulator needs none.",
  }),
});
