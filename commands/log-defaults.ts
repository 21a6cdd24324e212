import type { Environment } from "#platform/kit/config.ts";

/** How a shop on one machine logs when nothing is said: lines for people on a terminal, JSON for whatever else reads them. */
export function logDefaults({ isTTY = false }: { readonly isTTY?: boolean } = process.stdout): Environment {
  return { LOG_FORMAT: isTTY ? "pretty" : "json", LOG_LEVEL: "info" };
}
