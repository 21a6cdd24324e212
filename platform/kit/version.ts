import { readFileSync } from "node:fs";

/** The version of Stoa that this is, as its package says. */
export function ownVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
