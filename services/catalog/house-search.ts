import { defineConfig } from "#platform/kit/config.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { searchPort } from "./provider.ts";

/** The catalogue's own search, which is part of the statement that lists products: search.ts says what is asked there. */
export const houseSearch = defineProvider(searchPort, {
  name: "postgres",
  config: defineConfig({}),
  create: () => undefined,
});
