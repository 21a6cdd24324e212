import { defineConfig, setting } from "#platform/kit/config.ts";

export const CatalogConfig = defineConfig({
  CATALOG_DEMO: setting.choice(["auto", "true", "false"], {
    default: "auto",
    doc: "Fill an empty catalogue with the demo products and keep them in stock; auto does so in the embedded mode only.",
  }),
  CATALOG_RESERVATION_SECONDS: setting.integer({
    default: 900,
    min: 1,
    max: 86_400,
    doc: "How long stock stays reserved when the caller names no time.",
  }),
});
