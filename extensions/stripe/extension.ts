import { add, defineExtension, defineProvider, provide } from "#platform/kit/extension.ts";
import { paymentPort } from "../../services/payment/provider.ts";
import { paymentForms } from "../../services/storefront/extension.ts";
import { StripeConfig } from "./config.ts";
import { stripeForm } from "./payment-form.ts";

const provider = defineProvider(paymentPort, {
  name: "stripe",
  config: StripeConfig,
  reaches: [{ setting: "STRIPE_API_BASE", ports: { http: 80, https: 443 } }],
  create: async ({ config, clock, log }) => {
    // Their library takes a moment to load, and shops with another provider do not wait for it.
    const { StripeProvider } = await import("./provider.ts");
    return new StripeProvider({
      secretKey: config.STRIPE_SECRET_KEY,
      publishableKey: config.STRIPE_PUBLISHABLE_KEY,
      webhookSecret: config.STRIPE_WEBHOOK_SECRET,
      apiBase: config.STRIPE_API_BASE,
      clock,
      log,
    });
  },
});

export const stripe = defineExtension({
  name: "stripe",
  provides: [provide(paymentPort, provider)],
  adds: [add(paymentForms, stripeForm)],
});
