import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findNode, nodePackage } from "./find-node.mjs";
import { ensureInstalled } from "./install.mjs";
import { runForeground } from "./foreground.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Installed as a package, npm has brought what is needed, and the sources are JavaScript. */
const isPackage = root.split(sep).includes("node_modules");
const extension = existsSync(join(root, "main.ts")) ? "ts" : "js";

/**
 * Installs what is missing, then runs the program (or, for `--test`, the tests) on the Node.js that the project
 * brings, and ends as it ends.
 */
export async function launch(words) {
  const testing = words[0] === "--test";
  const installed = isPackage || (await ensureInstalled(root, testing));
  if (!installed) process.exit(1);
  const node = findNode(root);
  if (node === undefined) {
    const name = nodePackage();
    console.error(
      name === undefined
        ? `Stoa runs on Node.js 26, which no package brings to ${process.platform} on ${process.arch}. Install it from nodejs.org, then run the same command again.`
        : `The Node.js 26 that Stoa runs on is not there: npm left out the optional package ${name}, or it does not run here. ` +
            `Run "npm install --no-save --include=optional" in ${isPackage ? process.cwd() : root}, or install Node.js 26 from nodejs.org, then run the same command again.`,
    );
    process.exit(1);
  }
  const program = testing
    ? [join(root, "tools", `run-tests.${extension}`), ...words.slice(1)]
    : [join(root, `main.${extension}`), ...words];
  const preload = pathToFileURL(join(root, "bin", "stop-with-launcher.mjs")).href;
  await runForeground(node, [...nodeOptionsOf(words), "--import", preload, ...program], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
}

/** The audit keeps hardly anything of what it reads (commands/node-options.ts). */
export function nodeOptionsOf(words) {
  const isAudit = words[0] === "serve" && words[1] === "audit";
  return isAudit ? ["--max-semi-space-size=1", "--max-old-space-size=256"] : [];
}
