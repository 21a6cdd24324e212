/**
 * Completes package-lock.json after an install from a registry that does not carry every platform.
 *
 * npm leaves an optional package out of the lock file when the registry in use cannot offer it, and `npm ci` then refuses
 * the lock file on every machine. The name of such a package states its platform and its version is pinned by
 * the package that wants it, so the missing entry can be written without asking anyone. It carries no
 * integrity hash: an install from a complete registry (`npm install`) adds it.
 */
import { readFileSync, writeFileSync } from "node:fs";

export type LockEntry = {
  version?: string;
  integrity?: string;
  license?: string;
  resolved?: string;
  /** A folder of this repository. */
  link?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
};
export type Lockfile = { packages: Record<string, LockEntry> };
export type MissingPackage = { wantedBy: string; name: string; version: string };

/** Optional packages that some entry of the lock file wants and that have no entry of their own. */
export function findMissingPackages(lock: Lockfile): MissingPackage[] {
  return Object.entries(lock.packages).flatMap(([wantedBy, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(lock, wantedBy, name))
      .map(([name, version]) => ({ wantedBy, name, version })),
  );
}

function isLocked(lock: Lockfile, wantedBy: string, name: string): boolean {
  return `node_modules/${name}` in lock.packages || `${wantedBy}/node_modules/${name}` in lock.packages;
}

/** The lock file with an entry for every missing package; throws when a name does not state its platform. */
export function completeLockfile<L extends Lockfile>(lock: L): L {
  const packages = { ...lock.packages };
  for (const missing of findMissingPackages(lock)) {
    packages[`node_modules/${missing.name}`] = entryFor(
      missing,
      lock.packages[missing.wantedBy]?.dev === true,
    );
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

const systems = [
  "darwin",
  "linux",
  "win32",
  "android",
  "freebsd",
  "openbsd",
  "netbsd",
  "sunos",
  "aix",
  "openharmony",
];
const processors = new Map([
  ...["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el"].map(
    (name) => [name, name] as const,
  ),
  ["aarch64", "arm64"],
  ["armv7", "arm"],
]);

function entryFor({ name, version }: MissingPackage, isDev: boolean): LockEntry {
  const words = name.split(/[/-]/);
  const at = words.findIndex((word) => systems.includes(word));
  const os = words[at];
  const cpu = processors.get(words[at + 1] ?? "");
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+/.test(version)) {
    throw new Error(
      `${name}@${version} is missing from package-lock.json and its name does not state a platform and an exact ` +
        `version. Run npm install against a registry that carries it.`,
    );
  }
  const abi = words[at + 2] ?? "";
  const libc = abi.startsWith("musl")
    ? ["musl"]
    : os === "linux" && abi.startsWith("gnu")
      ? ["glibc"]
      : undefined;
  return {
    version,
    cpu: [cpu],
    ...(isDev && { dev: true }),
    ...(libc && { libc }),
    optional: true,
    os: [os],
  };
}

if (import.meta.main) {
  const lock: Lockfile = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const missing = findMissingPackages(lock);
  if (missing.length > 0) {
    writeFileSync("package-lock.json", `${JSON.stringify(completeLockfile(lock), null, 2)}\n`);
  }
  console.log(`package-lock.json: ${missing.length} entries for other platforms added.`);
}
