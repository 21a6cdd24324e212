/** `npm ci` refuses a lock file that leaves out the optional packages of other platforms; this says so before it does. */
import { readFileSync } from "node:fs";
import { findMissingPackages, type Lockfile } from "./complete-lockfile.ts";

export function checkLockfile(lock: Lockfile): string[] {
  return findMissingPackages(lock).map(
    ({ wantedBy, name, version }) =>
      `package-lock.json has no entry for ${name}@${version}, which ${wantedBy} wants on another platform, so npm ci would fail. Run npm run lockfile.`,
  );
}

if (import.meta.main) {
  const broken = checkLockfile(JSON.parse(readFileSync("package-lock.json", "utf8")));
  for (const line of broken) console.log(line);
  if (broken.length > 0) process.exitCode = 1;
}
