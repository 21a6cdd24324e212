/**
 * `node tools/image/build-root.ts <folder> [image]`: the very root file system of an image, with its bill of materials beside it, in an
 * empty folder. The Dockerfile runs it too; no container engine is needed. An image is a service, "backend", "audit",
 * "tools", or "all"; where it is not said, SERVICE in the environment says it.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { services } from "../../shop.ts";
import { billOfMaterials, licenceTexts, partsOf } from "./bill-of-materials.ts";
import { bundleFor, ownManifest } from "./bundle.ts";
import { broughtPackages, readByPackages } from "./packages.ts";

/** Every image there is. */
export const images: readonly string[] = [
  ...services.map(({ name }) => name),
  "backend",
  "audit",
  "tools",
  "all",
];

/** The account that the program runs under. */
export const account = { name: "nodejs", uid: 1001, gid: 1001 } as const;

/** What the entry point of every image runs. */
export const startFile = "code/start.js";

export interface BuiltRoot {
  readonly root: string;
  readonly bytes: number;
  /** Of every path, its mode and its content. */
  readonly hash: string;
}

const repository = resolve(import.meta.dirname, "../..");

/** Builds into `folder`: `root/` and `sbom.cdx.json`. Throws when the folder holds anything. */
export async function buildRoot(image: string, folder: string): Promise<BuiltRoot> {
  if (!images.includes(image))
    throw new Error(`There is no image "${image}"; there are ${images.join(", ")}.`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`The folder ${folder} is not empty.`);
  const root = join(folder, "root");
  const app = join(root, "app");
  const bundle = await bundleFor(image);
  for (const [path, code] of bundle.code) write(join(app, path), code);
  for (const path of bundle.assets) copy(path, join(app, path));
  const { name, version, license } = ownManifest();
  write(join(app, "package.json"), `${JSON.stringify({ name, version, license, type: "module" })}\n`);
  await writeStart(image, app);
  const brought = bundle.packages.flatMap((pack) => bringPackage(pack, app));
  for (const path of bundle.bundledPackages) bringReadFiles(path, app);
  const parts = partsOf(repository, [...new Set([...bundle.bundledPackages, ...brought])].sort());
  copy("LICENSE", join(app, "LICENSE"));
  write(join(app, "LICENSES.txt"), licenceTexts(repository, parts));
  const bill = billOfMaterials({ image, version, licence: license, parts });
  write(join(app, "sbom.cdx.json"), bill);
  write(join(folder, "sbom.cdx.json"), bill);
  writeAccount(root);
  for (const place of ["data", "tmp"]) mkdirSync(join(root, place));
  settle(root);
  return { root, bytes: bytesIn(root), hash: hashOf(root) };
}

/** What starts without a word runs the image's service, or says which commands there are; what it runs, and where that tells how it is, stands beside it. */
async function writeStart(image: string, app: string): Promise<void> {
  const entry = services.find(({ name }) => name === image);
  const [portSetting, port] =
    image === "all"
      ? ["PORT", 3000]
      : ["HTTP_PORT", image === "backend" ? 8081 : ((await entry?.load())?.http?.operationsPort ?? 8080)];
  const words = image === "tools" ? ["help"] : ["serve", image];
  write(join(app, "image.json"), `${JSON.stringify({ image, portSetting, port })}\n`);
  write(
    join(app, startFile),
    `if (process.argv.length === 2) process.argv.push(${words.map((word) => JSON.stringify(word)).join(", ")});\nawait import("./main.js");\n`,
  );
  copy("bin/healthcheck.mjs", join(app, "bin/healthcheck.mjs"));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function copy(path: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  // Links stay as they are written: made absolute, they would lead to this machine.
  cpSync(join(repository, path), target, { recursive: true, verbatimSymlinks: true });
}

/** Copies what an image needs of a package, and of the package with its machine code; answers their folders. */
function bringPackage(name: string, app: string): string[] {
  const folders = [`node_modules/${name}`];
  const needed = broughtPackages.get(name) ?? [];
  for (const file of filesIn(join(repository, folders[0] ?? "")))
    if (needed.some((pattern) => pattern.test(file)))
      copy(`node_modules/${name}/${file}`, join(app, "node_modules", name, file));
  for (const native of nativePackagesOf(name)) {
    const folder = `node_modules/${native}`;
    copy(folder, join(app, folder));
    linkLibraries(join(app, folder));
    folders.push(folder);
  }
  return folders;
}

/** Those with code for this machine that are installed: npm has left out the others. */
function nativePackagesOf(name: string): string[] {
  const manifest = JSON.parse(
    readFileSync(join(repository, "node_modules", name, "package.json"), "utf8"),
  ) as {
    optionalDependencies?: Record<string, string>;
  };
  const names = Object.keys(manifest.optionalDependencies ?? {});
  return names.filter((native) => existsSync(join(repository, "node_modules", native, "package.json")));
}

/** A package of npm holds no links; in a read-only image PostgreSQL's have to be there (platform/postgres/postgres-binaries.ts). */
function linkLibraries(folder: string): void {
  const list = join(folder, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as {
    source: string;
    target: string;
  }[])
    if (lstatSync(join(folder, target), { throwIfNoEntry: false }) === undefined)
      symlinkSync(basename(source), join(folder, target));
}

function bringReadFiles(folder: string, app: string): void {
  const { name } = JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8")) as {
    name: string;
  };
  for (const part of readByPackages.get(name) ?? []) copy(`${folder}/${part}`, join(app, folder, part));
}

/** Whatever the base has: the account is there, and nobody else needs one. */
function writeAccount(root: string): void {
  const { name, uid, gid } = account;
  const nobody = "/nonexistent:/usr/sbin/nologin";
  write(
    join(root, "etc/passwd"),
    `root:x:0:0:root:/root:/usr/sbin/nologin\n${name}:x:${uid}:${gid}:${name}:${nobody}\nnobody:x:65534:65534:nobody:${nobody}\n`,
  );
  write(join(root, "etc/group"), `root:x:0:\n${name}:x:${gid}:\nnogroup:x:65534:\n`);
}

/** Everything belongs to root, may be read by all and changed by nobody; one date, so that equal content gives equal images. */
function settle(root: string): void {
  const date = Number(process.env["SOURCE_DATE_EPOCH"] ?? 0);
  for (const path of [...pathsIn(root)].reverse()) {
    const stat = lstatSync(path);
    const isOwn = path === join(root, "data");
    if (stat.isSymbolicLink() && isAbsolute(readlinkSync(path)))
      throw new Error(`${path} is a link to ${readlinkSync(path)}, which an image does not hold.`);
    if (!stat.isSymbolicLink()) chmodSync(path, path === join(root, "tmp") ? 0o1777 : modeOf(stat, isOwn));
    if (isOwn && process.getuid?.() === 0) chownSync(path, account.uid, account.gid);
    lutimesSync(path, date, date);
  }
}

function modeOf(stat: { isDirectory(): boolean; mode: number }, isOwn: boolean): number {
  if (isOwn) return 0o700;
  return stat.isDirectory() || (stat.mode & 0o111) !== 0 ? 0o755 : 0o644;
}

function* pathsIn(folder: string): Generator<string> {
  yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* pathsIn(path);
    else yield path;
  }
}

function filesIn(folder: string): string[] {
  return [...pathsIn(folder)]
    .filter((path) => !lstatSync(path).isDirectory())
    .map((path) => relative(folder, path));
}

function bytesIn(root: string): number {
  return [...pathsIn(root)].reduce(
    (sum, path) => sum + (lstatSync(path).isFile() ? lstatSync(path).size : 0),
    0,
  );
}

function hashOf(root: string): string {
  const hash = createHash("sha256");
  for (const path of pathsIn(root)) {
    const stat = lstatSync(path);
    hash.update(`${relative(root, path)}\0${stat.mode.toString(8)}\0${stat.mtimeMs}\0`);
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (stat.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** The Dockerfile says the image in the environment: the exec form of RUN fills in no arguments. */
async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [folder, image = process.env["SERVICE"]] = positionals;
  if (image === undefined || folder === undefined)
    throw new Error(`Say into which folder, and which image: ${images.join(", ")}.`);
  const { bytes, hash } = await buildRoot(image, resolve(folder));
  console.log(`ecommerce/${image}: ${(bytes / 1024 ** 2).toFixed(1)} MiB over its base, sha256 ${hash}`);
}

if (import.meta.main) await main();
