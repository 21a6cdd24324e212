import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { StartError } from "#platform/kit/start-error.ts";

/**
 * What a project in `target` names to get the package that runs here, whose folder is `root`: its version when it came from a
 * registry, and the packed file when it came from one; a registry may know another package of this name. In the repository it is the file that
 * `npm run pack` made. Throws a StartError when there is none.
 */
export async function packageSource(root: string, target: string): Promise<string> {
  const { name, version } = await readJson<{ name: string; version: string }>(join(root, "package.json"));
  const parent = dirname(root);
  if (basename(parent) !== "node_modules") {
    const packed = join(root, `${name}-${version}.tgz`);
    if (!existsSync(packed))
      throw new StartError(`A project needs the shop as a package. Make one with: npm run pack`);
    return `file:${relative(target, packed)}`;
  }
  const installed = join(parent, ".package-lock.json");
  if (!existsSync(installed)) return version;
  const { packages } = await readJson<{ packages: { [path: string]: { resolved?: string } } }>(installed);
  const { resolved = "" } = packages[`node_modules/${name}`] ?? {};
  if (!resolved.startsWith("file:")) return version;
  return `file:${relative(target, resolve(dirname(parent), resolved.slice("file:".length)))}`;
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}
