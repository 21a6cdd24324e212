import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runChild } from "./foreground.mjs";

/**
 * Brings node_modules to what package-lock.json says: what running needs, and with `forTests` the tools too. Tools
 * that are there stay. Returns false when it could not, having said why.
 */
export async function ensureInstalled(root, forTests) {
  if (isCurrent(root, forTests) || isElsewhere(root)) return true;
  const lock = join(root, ".stoa-installing");
  try {
    await takeLock(lock);
  } catch (error) {
    console.error(
      `Dependencies must be installed, but ${root} may not be written (${error.code}). Run "npm ci" there as its owner.`,
    );
    return false;
  }
  try {
    return isCurrent(root, forTests) || (await install(root, forTests));
  } finally {
    rmSync(lock, { force: true });
  }
}

async function install(root, forTests) {
  const withTools = forTests || hasTools(root);
  // npm ci begins by removing node_modules, and with it the ground under a shop that runs from here.
  const command = existsSync(hiddenLockfile(root)) ? ["install", "--no-save", "--prefer-offline"] : ["ci"];
  const options = ["--no-audit", "--no-fund", "--loglevel=error", withTools ? "--include=dev" : "--omit=dev"];
  const startedAt = performance.now();
  console.error(`Installing ${withTools ? "dependencies and test tools" : "dependencies"} with npm (once) …`);
  const npm = findNpm(root);
  const { code, wasTold } = await runChild(npm.file, [...npm.args, ...command, ...options], {
    cwd: root,
    env: npm.env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (code === 0) {
    console.error(`Installed in ${Math.round((performance.now() - startedAt) / 1000)} s.`);
    return true;
  }
  if (wasTold) {
    console.error("Stopped while npm installed the dependencies; the next start goes on with it.");
    return false;
  }
  console.error(
    `npm could not install the dependencies; its words stand above. ` +
      `Check the network and the free space on the disk, then run the same command again.`,
  );
  return false;
}

/** npm writes its hidden lock file last, so what that file names is there, and an install that broke off has none. */
function isCurrent(root, withTools) {
  const present = packagesOf(hiddenLockfile(root));
  if (present === undefined) return false;
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(([path, wanted]) => {
    if (path === "" || (wanted.dev && !withTools)) return true;
    const found = present[path];
    if (found === undefined) return Boolean(wanted.optional || wanted.devOptional);
    return found.version === wanted.version;
  });
}

/** What a link leads to is another folder's, which keeps it as it needs it. */
function isElsewhere(root) {
  return lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function hasTools(root) {
  return Object.values(packagesOf(hiddenLockfile(root)) ?? {}).some((entry) => entry.dev);
}

function hiddenLockfile(root) {
  return join(root, "node_modules", ".package-lock.json");
}

function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(lockfile, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** npm must not run on the Node.js inside node_modules: it would replace that very program under its own feet. */
function findNpm(root) {
  const inside = join(root, "node_modules");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(inside));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (script === undefined || node === undefined || node.startsWith(inside))
    return { file: "npm", args: [], env };
  return { file: node, args: [script], env: { ...env, PATH: [dirname(node), ...path].join(delimiter) } };
}

/** Two that start at once must not install at once. A lock whose holder is gone does not count. */
async function takeLock(lock) {
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isHeld(lock)) rmSync(lock, { force: true });
    else if (!told) console.error("Another program installs the dependencies; waiting for it …");
    await delay(200);
  }
}

function isHeld(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // The file is empty for the instant between its making and its writing.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
