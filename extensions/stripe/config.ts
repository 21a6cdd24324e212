import { defineConfig, setting, type Secret, type Setting } from "#platform/kit/config.ts";

export const StripeConfig = defineConfig({
  STRIPE_SECRET_KEY: required(
    setting.optionalSecret({
      aliases: ["PAYMENT_API_KEY"],
      doc: "Secret or restricted key of the Stripe account: sk_… or rk_….",
    }),
  ),
  STRIPE_PUBLISHABLE_KEY: setting.text({
    pattern: /^pk_[A-Za-z0-9_]{1,250}$/,
    shape: "a publishable key of Stripe, which begins with pk_",
    doc: "Publishable key of the same account and mode; the buyer's browser is given it.",
  }),
  STRIPE_WEBHOOK_SECRET: required(
    setting.optionalSecret({
      doc: "Signing secret of the webhook endpoint whose address is SHOP_URL/api/payments/callbacks: whsec_….",
    }),
  ),
  STRIPE_API_BASE: setting.url({
    default: "https://api.stripe.com",
    schemes: ["https", "http"],
    doc: "Where Stripe answers; another address only to try the shop out without Stripe.",
  }),
});

function required(optional: Setting<Secret | undefined>): Setting<Secret> {
  return {
    ...optional,
    defaultText: undefined,
    read: (text) => {
      const value = optional.read(text);
      if (!value) throw new Error("is required");
      return value;
    },
  };
}
