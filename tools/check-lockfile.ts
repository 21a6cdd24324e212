/**
 * `npm ci` refuses a lock file that leaves out the optional packages of other platforms, and takes whatever it is given for an entry
 * without a hash; this says so before it does.
 */
import { readFileSync } from "node:fs";
import { licenceFaults } from "./licences.ts";
import { findMissingPackages, type Lockfile } from "./complete-lockfile.ts";

export function checkLockfile(lock: Lockfile, file = "package-lock.json"): string[] {
  return [...missingPackages(lock, file), ...unpinned(lock, file)];
}

/** Nothing is installed that is not, byte for byte, what was locked. */
function unpinned(lock: Lockfile, file: string): string[] {
  return Object.entries(lock.packages).flatMap(([path, { version = "", integrity, link, resolved = "" }]) => {
    if (path === "" || link) return [];
    const name = `${path.replace(/^.*node_modules\//, "")}@${version}`;
    if (/^(git|http:)/.test(resolved)) return [`${file} takes ${name} from ${resolved}, which can change.`];
    if (integrity !== undefined && /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) return [];
    return [
      `${file} has no SHA-512 integrity for ${name}, so anything could be installed under its name. Take its entry out and run npm install --package-lock-only.`,
    ];
  });
}

function missingPackages(lock: Lockfile, file: string): string[] {
  return findMissingPackages(lock).map(
    ({ wantedBy, name, version }) =>
      `${file} has no entry for ${name}@${version}, which ${wantedBy} wants on another platform, so npm ci would fail. Run npm run lockfile.`,
  );
}

/** The repository's own, and those of what only the proofs of the Helm chart and of Terraform need. */
export const lockFiles: readonly string[] = [
  "package-lock.json",
  "tools/chart/package-lock.json",
  "tools/cloud/package-lock.json",
];

if (import.meta.main) {
  const broken = lockFiles.flatMap((file) => {
    const lock = JSON.parse(readFileSync(file, "utf8")) as Lockfile;
    return [...checkLockfile(lock, file), ...licenceFaults(lock)];
  });
  for (const line of broken) console.log(line);
  if (broken.length > 0) process.exitCode = 1;
}
