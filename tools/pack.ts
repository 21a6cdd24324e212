/**
 * Packs the shop as one installable package: JavaScript and types made from the same sources, because Node.js strips no types
 * below node_modules. `node tools/pack.ts [--version 1.2.3] [--into folder]` prints the path of the packed file.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseSync } from "oxc-parser";
import { listRepositoryFiles } from "./source-file.ts";

/** What a shop runs on, tests with, and begins from. */
const shipped =
  /^(main\.ts|shop\.ts|LICENSE|README\.md|(bin|commands|platform|services|neighbours|extensions|audit|backup|rollout|manifests|gen|proto|templates)\/.+|deploy\/helm\/stoa\/(Chart\.yaml|values\.yaml|(profiles|files)\/.+)|tools\/(compile-all|run-tests|test-summary)\.ts)$/;
/** Copied as they are: people read and change them. */
const keptAsSource = /^(templates|extensions\/example)\//;
const leftOut = /\.(test|long|outside)\.ts$|^gen\/gifts\//;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: { readonly [name: string]: string };
  readonly exports: { readonly [path: string]: string };
  readonly [field: string]: unknown;
}

function main(): void {
  const { values } = parseArgs({ options: { version: { type: "string" }, into: { type: "string" } } });
  const stage = mkdtempSync(join(tmpdir(), "stoa-pack-"));
  try {
    const files = listRepositoryFiles().filter((path) => shipped.test(path));
    for (const path of files) stageFile(path, stage);
    stageTypes(files, stage);
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
    const packed = packedManifest(manifest, values.version ?? manifest.version);
    writeFileSync(join(stage, "package.json"), JSON.stringify(packed, undefined, 2));
    const into = resolve(values.into ?? ".");
    mkdirSync(into, { recursive: true });
    const name = run("npm", ["pack", "--silent", "--pack-destination", into], stage)
      .trim()
      .split("\n")
      .at(-1);
    console.log(join(into, name ?? ""));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function stageFile(path: string, stage: string): void {
  const isSource = keptAsSource.test(path);
  if (leftOut.test(path) && !isSource) return;
  const target = join(stage, path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(path, target);
  if (isSource || !path.endsWith(".ts") || path.endsWith(".d.ts")) return;
  rmSync(target);
  writeFileSync(target.replace(/\.ts$/, ".js"), toJavaScript(path, readFileSync(path, "utf8")));
}

/** The same lines without types, so that a stack trace names the line of the source. */
export function toJavaScript(path: string, source: string): string {
  return stripTypeScriptTypes(withSpecifiers(path, source), { mode: "strip" });
}

/** `./a.ts` becomes `./a.js` wherever a file is named: in imports, and in `new URL("./a.ts", import.meta.url)`. */
export function withSpecifiers(path: string, source: string): string {
  const { module, program, errors } = parseSync(path, source);
  const [error] = errors;
  if (error) throw new Error(`${path} cannot be read: ${error.message}`);
  const spots = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => moduleRequest),
    ...urlLiterals(program),
  ];
  const ends = new Set(spots.map(({ end }) => end));
  let text = source;
  for (const end of [...ends].sort((a, b) => b - a)) {
    const start = spots.find((spot) => spot.end === end)?.start ?? end;
    const spelled = text.slice(start, end);
    if (/^["'`]\.{1,2}\/.*\.ts["'`]$/.test(spelled))
      text = text.slice(0, end - 4) + ".js" + text.slice(end - 1);
  }
  return text;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function urlLiterals(node: unknown): Place[] {
  if (Array.isArray(node)) return node.flatMap(urlLiterals);
  if (typeof node !== "object" || node === null) return [];
  const {
    type,
    callee,
    arguments: words,
  } = node as { type?: string; callee?: { name?: string }; arguments?: Place[] };
  const isUrl = type === "NewExpression" && callee?.name === "URL" && words?.[0] !== undefined;
  return [...(isUrl ? words.slice(0, 1) : []), ...Object.values(node).flatMap(urlLiterals)];
}

function stageTypes(files: readonly string[], stage: string): void {
  const config = join(stage, "tsconfig.types.json");
  const root = resolve(".");
  const options = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: stage,
    rootDir: root,
  };
  const include = files.filter(
    (path) =>
      path.endsWith(".ts") && !path.endsWith(".d.ts") && !leftOut.test(path) && !keptAsSource.test(path),
  );
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { ...options, typeRoots: [join(root, "node_modules/@types")] },
      include: [],
      files: include.map((path) => join(root, path)),
    }),
  );
  run("tsc", ["-p", config], root);
  rmSync(config);
  for (const path of include) {
    const types = join(stage, path.replace(/\.ts$/, ".d.ts"));
    if (existsSync(types)) writeFileSync(types, withSpecifiers(types, readFileSync(types, "utf8")));
  }
}

/** What people install: no tools, JavaScript in place of TypeScript, and the same paths to import from. */
function packedManifest(manifest: Manifest, version: string): object {
  const { name, description, license, engines, dependencies, optionalDependencies, type } = manifest;
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: { stoa: "bin/stoa.mjs" },
    exports: Object.fromEntries(
      Object.entries(manifest.exports).map(([path, file]) => [path, builtPaths(file)]),
    ),
    imports: {
      "#platform/*.ts": builtPaths("./platform/*.ts"),
      "#gen/*.ts": builtPaths("./gen/*.ts"),
      "#gen/*": "./gen/*",
    },
    dependencies,
    optionalDependencies,
  };
}

function builtPaths(file: string): object | string {
  if (!file.endsWith(".ts")) return file;
  return { types: file.replace(/\.ts$/, ".d.ts"), default: file.replace(/\.ts$/, ".js") };
}

function run(program: string, args: string[], cwd: string): string {
  const path = [resolve("node_modules/.bin"), process.env["PATH"]].join(delimiter);
  try {
    return execFileSync(program, args, { cwd, env: { ...process.env, PATH: path }, encoding: "utf8" });
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}`, { cause: error });
  }
}

if (import.meta.main) main();
