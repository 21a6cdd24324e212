/**
 * `node tools/cloud/install.ts`: the reader of Terraform's language for the tests of deploy/terraform, locked by hash. Prints the folder. What
 * is there already is not fetched again.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cloudToolsFolder } from "./tools-folder.ts";

const folder = cloudToolsFolder();
if (!existsSync(folder)) install();
console.log(folder);

/** In a folder beside the right one, which takes its name when all is there: what is stopped half way is not found later. */
function install(): void {
  mkdirSync(dirname(folder), { recursive: true });
  const making = mkdtempSync(`${folder}-making-`);
  try {
    for (const name of ["package.json", "package-lock.json"])
      copyFileSync(join(import.meta.dirname, name), join(making, name));
    const { status, stdout, stderr, error } = spawnSync(
      "npm",
      ["ci", "--prefix", making, "--ignore-scripts", "--no-audit", "--no-fund"],
      { cwd: making, encoding: "utf8" },
    );
    if (status !== 0)
      throw new Error(
        `npm could not install the reader of Terraform's language:\n${error?.message ?? stdout + stderr}`,
      );
    if (!existsSync(folder)) renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
