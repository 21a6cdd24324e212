import { SenderConfig } from "#platform/http/sender.ts";
import { MachineKeyConfig } from "./machine-keys.ts";
import { defineConfig, setting } from "#platform/kit/config.ts";

export const GatewayConfig = defineConfig({
  ...MachineKeyConfig,
  ...SenderConfig,
  GATEWAY_CORS_ORIGINS: setting.text({
    default: "",
    doc: "Origins, separated by commas, whose pages may call the API from a browser, such as https://app.example.",
  }),
  GATEWAY_HSTS_SECONDS: setting.integer({
    default: 31_536_000,
    doc: "max-age of Strict-Transport-Security; 0 leaves the header out.",
  }),
  GATEWAY_ADDRESS_REQUESTS_PER_MINUTE: setting.integer({
    default: 12_000,
    min: 1,
    doc: "Requests one client address may make in a minute.",
  }),
  GATEWAY_ACTOR_REQUESTS_PER_MINUTE: setting.integer({
    default: 6_000,
    min: 1,
    doc: "Requests one user or guest may make in a minute.",
  }),
  GATEWAY_SIGN_UPS_PER_MINUTE: setting.integer({
    default: 300,
    min: 1,
    doc: "Registrations one client address may make in a minute; each costs a password hash.",
  }),
  GATEWAY_TIMEOUT_SECONDS: setting.integer({
    default: 10,
    min: 1,
    max: 300,
    doc: "How long a request may take that is none of the next four; the deadline travels with every call made for it.",
  }),
  GATEWAY_BROWSE_TIMEOUT_MS: setting.integer({
    default: 900,
    min: 100,
    max: 300_000,
    doc: "The same for looking at goods, prices and pictures.",
  }),
  GATEWAY_CART_TIMEOUT_MS: setting.integer({
    default: 1_800,
    min: 100,
    max: 300_000,
    doc: "The same for looking at a cart and changing it.",
  }),
  GATEWAY_CHECKOUT_TIMEOUT_MS: setting.integer({
    default: 9_500,
    min: 1_000,
    max: 300_000,
    doc: "The same for quotes and orders, which wait their turn that long. An order that is begun goes on to its end after it.",
  }),
  GATEWAY_SLOW_TIMEOUT_SECONDS: setting.integer({
    default: 60,
    min: 1,
    max: 300,
    doc: "The same for what moves many things at once, such as taking a category away.",
  }),
  ADMIN_URL: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "Where the admin pages run on their own; the gateway hands it every path below /admin.",
  }),
  STOREFRONT_URL: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "Where the storefront runs on its own; the gateway hands it every path that is not its own, so that one origin serves all.",
  }),
});
