/**
 * `npm run licences [-- --sbom file.json]`: the licence of everything that is installed, and a bill of materials of what the shop runs on
 * (CycloneDX, made by npm). Fails when a licence is none of those that may be here.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Lockfile } from "./complete-lockfile.ts";

/** Permissive, and compatible with Apache-2.0. Whoever adds one has read it. */
export const allowed: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
]);

/** Asks for changes of its own files to be open, and for nothing of what uses them: fine for tools, of which nobody gets anything. */
const allowedForTools: ReadonlySet<string> = new Set(["MPL-2.0"]);

/** Packages whose licence may not be here, or is not told. */
export function licenceFaults(lock: Lockfile): string[] {
  return licencesOf(lock).flatMap(({ name, licence, isTool }) => {
    if (licence !== undefined && (isAllowed(licence) || (isTool && allowedForTools.has(licence)))) return [];
    return [
      `${name} is under ${licence ?? "no licence that it names"}, which is not on the list in tools/licences.ts. Use another package, or add the licence there when it may be here.`,
    ];
  });
}

export interface LicensedPackage {
  readonly name: string;
  readonly licence: string | undefined;
  /** Only for building and testing: nobody gets it. */
  readonly isTool: boolean;
}

export function licencesOf(lock: Lockfile): LicensedPackage[] {
  const packages = Object.entries(lock.packages).filter(([path, { link }]) => path !== "" && !link);
  return packages.map(([path, entry]) => {
    const name = path.replace(/^.*node_modules\//, "");
    // The parts of a package for other platforms are under its own licence.
    const whole = packages.find(([, { optionalDependencies = {} }]) => name in optionalDependencies)?.[1];
    return {
      name: `${name}@${entry.version ?? "?"}`,
      licence: entry.license ?? whole?.license,
      isTool: entry.dev === true,
    };
  });
}

/** Of an SPDX expression: of parts joined by AND all must be allowed, of parts joined by OR one. */
export function isAllowed(expression: string): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let result = both();
    while (words[at] === "OR") {
      at += 1;
      // In this order: the right side must be read whatever the left one says.
      result = both() || result;
    }
    return result;
  };
  const both = (): boolean => {
    let result = one();
    while (words[at] === "AND") {
      at += 1;
      result = one() && result;
    }
    return result;
  };
  const one = (): boolean => {
    const word = words[at] ?? "";
    at += 1;
    if (word !== "(") return allowed.has(word);
    const result = either();
    const isClosed = words[at] === ")";
    at += 1;
    return result && isClosed;
  };
  const result = either();
  return result && at === words.length;
}

function main(): void {
  const { values } = parseArgs({ options: { sbom: { type: "string", default: "sbom.cdx.json" } } });
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lockfile;
  const groups = Map.groupBy(licencesOf(lock), ({ licence }) => licence ?? "unknown");
  for (const [licence, packages] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const shipped = packages.filter(({ isTool }) => !isTool);
    console.log(
      `${licence}: ${shipped.length} that the shop runs on, ${packages.length - shipped.length} tools`,
    );
    for (const { name } of shipped) console.log(`  ${name}`);
  }
  const words = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"];
  writeFileSync(values.sbom, execFileSync("npm", words, { maxBuffer: 64 * 1024 ** 2 }));
  console.log(`The bill of materials is in ${values.sbom} (CycloneDX).`);
  const faults = licenceFaults(lock);
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
