// A secret of this machine that nobody has to choose: made at the first start, kept beside the data, in no database.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomSecret } from "#platform/kit/ids.ts";

const fileName = "service-key";

/**
 * The key with which the services of a shop on this machine prove who they are, where SERVICE_KEY names none: the same at every start on
 * one data folder, because hashes that outlive a start are made with it. Where the folder cannot be written, one for this start alone.
 */
export function keptServiceKey(dataFolder: string): string {
  const path = join(dataFolder, fileName);
  try {
    mkdirSync(dataFolder, { recursive: true });
    writeFileSync(path, `${randomSecret()}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return randomSecret();
  }
  return readKey(path) ?? randomSecret();
}

/** Undefined for a file that a crash left half written, or that is no key. */
function readKey(path: string): string | undefined {
  try {
    const key = readFileSync(path, "utf8").trim();
    return /^[\w-]{43}$/.test(key) ? key : undefined;
  } catch {
    return undefined;
  }
}
