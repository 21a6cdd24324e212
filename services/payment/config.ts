import { defineConfig, setting } from "#platform/kit/config.ts";

export const PaymentConfig = defineConfig({
  PAYMENT_SIMULATOR_DELAY_MS: setting.integer({
    default: 0,
    max: 60_000,
    doc: "How long the built-in payment provider takes to answer, to see the shop with a slow bank.",
  }),
  PAYMENT_SIMULATOR_CALLBACKS: setting.choice(["on", "off"], {
    default: "off",
    doc: "on makes the built-in payment provider also tell of every change by a signed callback, as real ones do.",
  }),
  PAYMENT_SIMULATOR_CALLBACK_DELAY_MS: setting.integer({
    default: 500,
    max: 60_000,
    doc: "How long after a change the built-in payment provider sends its callback; 0 may overtake the answer.",
  }),
  PAYMENT_CALLBACK_SECRET: setting.optionalSecret({
    doc: "Key with which the payment provider signs its callbacks, at least 32 characters; without it a service alone refuses all.",
  }),
  PAYMENT_API_KEY: setting.optionalSecret({
    doc: "Key for the payment provider; the built-in simulator needs none.",
  }),
});
