// Programs that npm does not bring: tests against them (*.outside.ts) run where they are installed, and tell their names where they are not.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Debian keeps servers here, out of the path of people who are not root. */
const serverFolders = ["/usr/sbin", "/usr/local/sbin"];

/** Where a program such as redis-server is; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const found = spawnSync("which", [name], { encoding: "utf8" }).stdout?.trim();
  if (found) return found;
  return serverFolders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** For a test's `skip`: false where every named program is installed, else the sentence that says what is missing. */
export function skipWithout(...names: string[]): string | false {
  const missing = names.filter((name) => findProgram(name) === undefined);
  return missing.length === 0 ? false : `needs ${missing.join(" and ")}, which this machine does not have`;
}
