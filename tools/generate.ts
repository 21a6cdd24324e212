/**
 * Writes every file that is derived from another one: `node tools/generate.ts`, and with `--check` only compares.
 * What is generated is committed, so a reader and a reviewer see it and a start needs no build.
 */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** One generator. It writes below the folder it is given, at the same paths as in the repository. */
export type Generator = {
  name: string;
  /** Skipped as long as this path does not exist. */
  from: string;
  /** The files and folders that belong to this generator alone; anything else found there is stale. */
  writes: string[];
  commands: (folder: string) => string[][];
};

const generators: Generator[] = [
  {
    name: "contracts",
    from: "proto",
    writes: ["gen/gifts", "gen/google", "gen/grpc", "gen/hipstershop", "gen/stoa"],
    commands: (folder) => [
      ["buf", "lint"],
      ["buf", "generate", "--output", folder],
    ],
  },
  {
    name: "rest",
    from: "services/gateway/api.ts",
    writes: ["gen/rest"],
    commands: (folder) => [["node", "tools/generate-rest.ts", folder]],
  },
  {
    name: "constellation",
    from: "shop.ts",
    writes: [
      "deploy/services.json",
      "deploy/helm/stoa/files/services.json",
      "gen/shop-plan.json",
      "ARCHITECTURE.md",
      "docs/operate/calls.md",
      "docs/operate/network.md",
    ],
    commands: (folder) => [["node", "tools/generate-constellation.ts", folder]],
  },
  {
    name: "monitoring",
    from: "deploy/monitoring/dashboards",
    writes: ["deploy/monitoring/grafana/dashboards", "deploy/helm/stoa/files/monitoring"],
    commands: (folder) => [["node", "tools/generate-monitoring.ts", folder]],
  },
  {
    name: "chart's README",
    from: "deploy/helm/stoa/values.yaml",
    writes: ["deploy/helm/stoa/README.md"],
    commands: (folder) => [["node", "tools/generate-chart-readme.ts", folder]],
  },
  {
    name: "reference",
    from: "services/storefront/service.ts",
    writes: ["docs/reference", "gen/settings.ts", "gen/fault-places.ts"],
    commands: (folder) => [["node", "tools/generate-reference.ts", folder]],
  },
];

export type Difference = { path: string; kind: "missing" | "stale" | "unexpected" };

/** Where the repository differs from what the generators just wrote into the folder. */
export function compareTrees(repository: string, folder: string, writes: string[]): Difference[] {
  const fresh = new Set(writes.flatMap((path) => listFiles(folder, path)));
  const kept = new Set(writes.flatMap((path) => listFiles(repository, path)));
  const written = [...fresh].flatMap((path): Difference[] => {
    if (!kept.has(path)) return [{ path, kind: "missing" }];
    const same = readFileSync(join(folder, path)).equals(readFileSync(join(repository, path)));
    return same ? [] : [{ path, kind: "stale" }];
  });
  const unexpected = [...kept].filter((path) => !fresh.has(path));
  return [...written, ...unexpected.map((path): Difference => ({ path, kind: "unexpected" }))];
}

function listFiles(root: string, path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full).flatMap((name) => listFiles(root, `${path}/${name}`));
}

/** Makes the repository equal to the folder at the given places. */
export function applyDifferences(repository: string, folder: string, differences: Difference[]): void {
  for (const { path, kind } of differences) {
    if (kind === "unexpected") {
      rmSync(join(repository, path));
      continue;
    }
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), readFileSync(join(folder, path)));
  }
}

const sentences = {
  missing: "is not in the repository, although its source is",
  stale: "is older than its source, or was edited by hand",
  unexpected: "has no source any more",
};

async function main(onlyCheck: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stoa-generate-"));
  try {
    const active = generators.filter(({ from }) => existsSync(from));
    const differences: Difference[] = [];
    for (const generator of active) {
      for (const command of generator.commands(folder)) await run(command);
      const found = compareTrees(".", folder, generator.writes);
      // At once: what is written next may import what was just written.
      if (!onlyCheck) applyDifferences(".", folder, found);
      differences.push(...found);
    }
    for (const { path, kind } of differences) {
      console.log(
        onlyCheck ? `${path} ${sentences[kind]}. Run npm run gen and commit what it writes.` : path,
      );
    }
    if (onlyCheck && differences.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command of node_modules/.bin; when it fails, its own words are the message. */
async function run([program = "", ...args]: string[]): Promise<void> {
  const path = [join(process.cwd(), "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  try {
    await promisify(execFile)(program, args, { env: { ...process.env, PATH: path } });
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    console.log(`${stdout}${stderr}`.trim() || `${program} cannot be started: ${String(cause)}`);
    throw new Error(`${[program, ...args].join(" ")} failed. Nothing was written.`, { cause });
  }
}

if (import.meta.main) {
  try {
    await main(process.argv.includes("--check"));
  } catch (error) {
    console.log((error as Error).message);
    process.exitCode = 1;
  }
}
