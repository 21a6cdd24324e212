import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where `tools/cloud/install.ts` puts what it installs: outside of the repository, a folder for each state of the lock file. */
export function cloudToolsFolder(): string {
  const lock = readFileSync(join(import.meta.dirname, "package-lock.json"));
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(caches, "stoa", `cloud-tools-${createHash("sha256").update(lock).digest("hex").slice(0, 12)}`);
}
