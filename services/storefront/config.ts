import { SenderConfig } from "#platform/http/sender.ts";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const StorefrontConfig = defineConfig({
  STOREFRONT_API_CONNECTIONS_MAX: setting.integer({
    default: 64,
    min: 1,
    max: 1000,
    doc: "Connections the storefront keeps to the gateway.",
  }),
  STOREFRONT_BROWSE_TIMEOUT_MS: setting.integer({
    default: 950,
    min: 100,
    max: 300_000,
    doc: "How long a page of goods may take, whatever does not answer: it then shows what it has, or says in words what is missing.",
  }),
  STOREFRONT_CART_TIMEOUT_MS: setting.integer({
    default: 1_900,
    min: 100,
    max: 300_000,
    doc: "The same for the cart.",
  }),
  STOREFRONT_CHECKOUT_TIMEOUT_MS: setting.integer({
    default: 9_800,
    min: 1_000,
    max: 300_000,
    doc: "The same for placing an order, for accounts and for orders. An order that is begun goes on to its end after it.",
  }),
  STOREFRONT_ESTIMATE_TIMEOUT_MS: setting.integer({
    default: 300,
    min: 50,
    max: 60_000,
    doc: "How long the cart page waits for what sending it would cost; after that it is shown without.",
  }),
  STOREFRONT_FRONTS_API: setting.choice(["on", "off"], {
    default: "off",
    doc: "on makes the storefront the only door of the shop: /api, /admin, /docs, /openapi.json and /.well-known go on to the gateway (GATEWAY_URL), which has to believe nothing but SERVICE_KEY for it.",
  }),
  ...SenderConfig,
  STOREFRONT_HSTS_SECONDS: setting.integer({
    default: 31_536_000,
    doc: "max-age of Strict-Transport-Security; 0 leaves the header out.",
  }),
});
