// The one secret that backups are encrypted with. It comes from a file, and every file of a backup gets a key of its own from it.
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { resolve, sep } from "node:path";
import { StartError } from "#platform/kit/start-error.ts";

const charactersMin = 32;

export interface BackupKey {
  /** Tells one key from another, and nothing about it. */
  readonly id: string;
  /** A key for one purpose: 32 bytes that say nothing of any other. */
  derive(purpose: string, salt: Uint8Array): Buffer;
  /** What only somebody with the key can have written about these bytes. */
  seal(content: Uint8Array): string;
}

/** Reads the key that BACKUP_KEY_FILE names; undefined when it names none. Throws a StartError for one that is no use or lies with the data. */
export function readBackupKey(path: string | undefined, dataFolder: string): BackupKey | undefined {
  if (path === undefined) return undefined;
  requireOutside(path, dataFolder);
  const secret = readSecret(path);
  const derive = (purpose: string, salt: Uint8Array) =>
    Buffer.from(hkdfSync("sha256", secret, salt, `stoa backup: ${purpose}`, 32));
  const nothing = new Uint8Array();
  const sealing = derive("seal", nothing);
  return {
    id: createHash("sha256").update(derive("name", nothing)).digest("hex").slice(0, 16),
    derive,
    seal: (content) => createHmac("sha256", sealing).update(content).digest("hex"),
  };
}

function readSecret(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new StartError(
      `BACKUP_KEY_FILE names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`,
      { cause: error },
    );
  }
  if (secret.length < charactersMin)
    throw new StartError(
      `The key in ${path} (BACKUP_KEY_FILE) has ${secret.length} characters; it needs ${charactersMin}. Make one with: openssl rand -base64 32`,
    );
  return secret;
}

function requireOutside(path: string, dataFolder: string): void {
  if (!isInside(path, dataFolder)) return;
  throw new StartError(
    `BACKUP_KEY_FILE names ${path}, inside of the data folder ${resolve(dataFolder)}: it would be lost with what it is to bring back. Keep the key somewhere else.`,
  );
}

/** Whether a path is a folder itself or leads into it, links followed as far as there are any. */
export function isInside(path: string, folder: string): boolean {
  return `${realPath(path)}${sep}`.startsWith(`${realPath(folder)}${sep}`);
}

function realPath(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const above = resolve(whole, "..");
    return above === whole
      ? whole
      : resolve(realPath(above), whole.slice(above.length).replace(/^[\\/]/, ""));
  }
}
