import { defineConfig, setting } from "#platform/kit/config.ts";

export const RecommendationConfig = defineConfig({
  RECOMMENDATION_PRODUCTS_MAX: setting.integer({
    default: 5_000,
    min: 1,
    max: 100_000,
    doc: "Products that are kept in memory and can be suggested, newest first; each takes about two kilobytes.",
  }),
});
