import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The Node.js to run on: the one npm brought, or this one when it is new enough; undefined when there is none. */
export function findNode(root) {
  const wanted = 26;
  const platform = `${process.platform}-${process.arch}`;
  const packages = [join(root, "node_modules", "node", "node_modules"), join(root, "node_modules")];
  const candidates = [
    join(root, "node_modules", "node", "bin", "node"),
    ...packages.flatMap((folder) => [
      join(folder, `node-${platform}`, "bin", "node"),
      join(folder, `node-bin-${platform}`, "bin", "node"),
    ]),
    process.execPath,
  ];
  return candidates.find((file) => existsSync(file) && majorOf(file) >= wanted);
}

function majorOf(file) {
  if (file === process.execPath) return Number.parseInt(process.versions.node, 10);
  const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
  return status === 0 ? Number.parseInt(stdout.slice(1), 10) : 0;
}
