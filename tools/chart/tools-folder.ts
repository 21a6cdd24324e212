import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The three newest minors of Kubernetes: the chart is held against each. */
export const kubernetesMinors: readonly string[] = ["1.35", "1.36", "1.37"];

/** What `tools/chart/install.ts` installs from. Whoever changes one of them gets a new folder, so a folder is never half of each. */
const sources = ["package.json", "package-lock.json", "schemas.txt", "tools-folder.ts"];

/** Where the tools of the chart are once they are installed: outside of the repository, as they are 240 MB and the same for every clone. */
export function chartToolsFolder(): string {
  const hash = createHash("sha256");
  for (const name of sources) hash.update(readFileSync(join(import.meta.dirname, name)));
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(caches, "stoa", `chart-tools-${hash.digest("hex").slice(0, 12)}`);
}
