import { SenderConfig } from "#platform/http/sender.ts";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const AdminConfig = defineConfig({
  ...SenderConfig,
  ADMIN_API_CONNECTIONS_MAX: setting.integer({
    default: 16,
    min: 1,
    max: 1000,
    doc: "Connections the admin pages keep to the gateway.",
  }),
  ADMIN_LIVE_STREAMS_MAX: setting.integer({
    default: 50,
    min: 0,
    max: 10_000,
    doc: "Pages of the staff that may follow what happens at one time; each asks the API every few seconds.",
  }),
  ADMIN_HSTS_SECONDS: setting.integer({
    default: 31_536_000,
    doc: "max-age of Strict-Transport-Security on admin pages; 0 leaves the header out.",
  }),
});
