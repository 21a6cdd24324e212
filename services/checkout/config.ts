import { defineConfig, setting } from "#platform/kit/config.ts";

export const CheckoutConfig = defineConfig({
  CHECKOUT_QUOTE_SECONDS: setting.integer({
    default: 900,
    min: 10,
    max: 86_400,
    doc: "How long a quote holds.",
  }),
  CHECKOUT_RETENTION_DAYS: setting.integer({
    default: 90,
    min: 31,
    max: 36_500,
    doc: "How long attempts to buy are kept after their end, with the address and email in them; the order keeps its own copy.",
  }),
  CHECKOUT_LEASE_SECONDS: setting.integer({
    default: 5,
    min: 1,
    max: 60,
    doc: "How long a checkout belongs to a process that no longer renews it; after that another one resumes it.",
  }),
  CHECKOUT_STEP_SECONDS: setting.integer({
    default: 8,
    min: 1,
    max: 60,
    doc: "How long one step of an order may take before it is asked about again.",
  }),
  CHECKOUT_PAYMENT_SECONDS: setting.integer({
    default: 1_800,
    min: 60,
    max: 82_800,
    doc: "How long a buyer who pays at the payment provider may take; the stock is held as long, then the order is given up.",
  }),
  CHECKOUT_PARALLEL_MAX: setting.integer({
    default: 16,
    min: 1,
    max: 1_000,
    doc: "Orders one process works on at once; further ones hold their stock and wait their turn. More helps only where the payment provider is slow.",
  }),
  CHECKOUT_BEGUN_MAX: setting.integer({
    default: 128,
    min: 1,
    max: 10_000,
    doc: "Orders one process has begun and holds stock for at once; further buyers wait before anything is done for them.",
  }),
});
