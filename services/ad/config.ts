import { defineConfig, setting } from "#platform/kit/config.ts";

export const AdConfig = defineConfig({
  AD_DEMO: setting.choice(["auto", "true", "false"], {
    default: "auto",
    aliases: ["CATALOG_DEMO"],
    doc: "Add ads for the demo products; auto does so in the embedded mode only. Follows CATALOG_DEMO unless it is set.",
  }),
});
