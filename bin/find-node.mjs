import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The Node.js to run on: the one npm brought, or this one when it is new enough; undefined when there is none. */
export function findNode(root) {
  const wanted = 26;
  const platform = `${process.platform}-${process.arch}`;
  // Its own packages, and as a package itself those beside it.
  const homes = [join(root, "node_modules"), dirname(root)];
  const packages = homes.flatMap((home) => [join(home, "node", "node_modules"), home]);
  const candidates = [
    ...homes.map((home) => join(home, "node", "bin", "node")),
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
