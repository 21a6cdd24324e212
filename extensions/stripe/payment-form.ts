import type { PaymentForm } from "../../services/storefront/extension.ts";

/** Where their script may come from, what it may open, and whom it may ask. */
export const stripeForm: PaymentForm = {
  provider: "stripe",
  files: new URL("./static/", import.meta.url),
  script: "pay-stripe.js",
  remoteScript: "https://js.stripe.com/v3/",
  scriptSources: ["https://js.stripe.com", "https://*.js.stripe.com"],
  frameSources: ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"],
  connectSources: ["https://api.stripe.com"],
};
