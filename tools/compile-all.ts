/**
 * Loads every module of the shop and ends, so that NODE_COMPILE_CACHE holds them all: a process that finds one missing writes
 * it when it ends, and dozens of shops that end at once would keep each other from ending.
 */
import { globSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";

const house = dirname(import.meta.dirname);
const ending = extname(import.meta.filename);
const modules = globSync(`{platform,services,neighbours,commands,audit,extensions}/**/*${ending}`, {
  cwd: house,
}).filter((file) => !/\.(test|contract|outside|d)\.[tj]s$|\/(static|testing)\//.test(file));
for (const file of modules) await import(pathToFileURL(join(house, file)).href);
process.exit(0);
