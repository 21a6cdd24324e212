import { SenderConfig } from "#platform/http/sender.ts";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const StorefrontConfig = defineConfig({
  STOREFRONT_API_CONNECTIONS_MAX: setting.integer({
    default: 64,
    min: 1,
    max: 1000,
    doc: "Connections the storefront keeps to the gateway.",
  }),
  ...SenderConfig,
  STOREFRONT_HSTS_SECONDS: setting.integer({
    default: 31_536_000,
    doc: "max-age of Strict-Transport-Security; 0 leaves the header out.",
  }),
});
