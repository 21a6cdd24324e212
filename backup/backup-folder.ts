// A folder of backups: a new one appears in it whole or not at all, and old ones go.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { makeFolder } from "#platform/kit/folders.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { processIdentity } from "#platform/postgres/process-identity.ts";
import { isInside, type BackupKey } from "./backup-key.ts";
import { manifestFiles, readManifest, type Manifest } from "./manifest.ts";

const dayMs = 24 * 3_600_000;

/** A backup that is being written. */
export interface BackupDraft {
  readonly id: string;
  readonly folder: string;
  /** Gives the folder its name: from then on it is a backup. Answers its path. */
  finish(manifest: Manifest, key: BackupKey | undefined): Promise<string>;
  /** Takes it away. */
  discard(): void;
}

/** Throws a StartError for a place where backups would be of no use, or cannot be. */
export function requireUsablePlace(place: string, dataFolder: string, keyFile: string | undefined): void {
  if (isInside(place, dataFolder))
    throw new StartError(
      `Backups in ${resolve(place)} would be lost with the data folder ${resolve(dataFolder)} that they lie in. Choose a folder elsewhere, best on another disk.`,
    );
  if (keyFile !== undefined && isInside(keyFile, place))
    throw new StartError(
      `The key ${keyFile} (BACKUP_KEY_FILE) lies among the backups that it closes: whoever takes them has it. Keep it somewhere else.`,
    );
}

/** Begins a backup in a folder of backups, which is made if need be. */
export function beginBackup(place: string): BackupDraft {
  try {
    makeFolder(resolve(place), 0o700);
    removeOrphans(place);
    const id = `stoa-${systemClock.now().toISOString().replace(/[:.]/g, "-")}`;
    const folder = join(place, `${id}.${processIdentity(process.pid)}.part`);
    mkdirSync(folder, { mode: 0o700 });
    return {
      id,
      folder,
      finish: async (manifest, key) => {
        for (const [name, content] of manifestFiles(manifest, key))
          await writeWhole(join(folder, name), content);
        syncFolder(folder);
        const path = join(place, id);
        renameSync(folder, path);
        syncFolder(place);
        return path;
      },
      discard: () => rmSync(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    throw placeFault(place, error);
  }
}

/** What went wrong with the place, as a sentence; other errors as they are. */
export function placeFault(place: string, error: unknown): unknown {
  const reasons: { readonly [code: string]: string } = {
    ENOSPC: "its disk is full",
    EDQUOT: "its disk quota is used up",
    EACCES: "this user may not write there",
    EPERM: "this user may not write there",
    EROFS: "it is on a read-only file system",
    ENOTDIR: "a part of that path is a file",
    EEXIST: "a part of that path is a file",
    ENOENT: "no folders can be made there",
    EIO: "its disk reports a fault",
    EFBIG: "a file there may not be that large",
  };
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
  if (error instanceof StartError || reason === undefined) return error;
  return new StartError(
    `The backup cannot be written to ${resolve(place)}: ${reason}. There is no new backup, and what was begun has been taken away.`,
    { cause: error },
  );
}

export interface KeptBackup {
  readonly path: string;
  readonly manifest: Manifest;
}

/** The whole backups of a folder, oldest first. What is damaged or of another key is not among them. */
export async function listBackups(place: string, key: BackupKey | undefined): Promise<KeptBackup[]> {
  const kept: KeptBackup[] = [];
  for (const name of readdirSync(place).sort()) {
    if (!/^stoa-\d{4}-[\dTZ-]+$/.test(name)) continue;
    const path = join(place, name);
    const manifest = await readManifest(path, key).catch(() => undefined);
    if (manifest) kept.push({ path, manifest });
  }
  return kept;
}

/**
 * Takes away whole backups that are older than `keepDays`, as long as a newer one is whole and every rule held in it. Damaged ones stay: somebody
 * should look at them. Answers what went.
 */
export async function removeOldBackups(
  place: string,
  key: BackupKey | undefined,
  keepDays: number,
): Promise<string[]> {
  const kept = await listBackups(place, key);
  const newestGood = kept.findLast(({ manifest }) => isProved(manifest));
  const before = systemClock.now().getTime() - keepDays * dayMs;
  const old = kept.filter(
    (one) =>
      newestGood !== undefined &&
      one.manifest.at < newestGood.manifest.at &&
      Date.parse(one.manifest.at) < before,
  );
  for (const { path } of old) rmSync(path, { recursive: true, force: true });
  return old.map(({ path }) => path);
}

function isProved({ survey }: Manifest): boolean {
  return survey !== null && survey.invariants.every(({ violations }) => violations === 0);
}

/** Parts of programs on this machine that were killed, and any that have lain for a day. */
function removeOrphans(place: string): void {
  const boot = processIdentity(process.pid)?.split(".")[2];
  for (const name of readdirSync(place)) {
    const found = /^stoa-[\dTZ-]+\.((\d+)\.\w+\.(\w+))\.part$/.exec(name);
    if (!found) continue;
    const isOurs = found[3] === boot && processIdentity(Number(found[2])) !== found[1];
    const age =
      systemClock.now().getTime() - (statSync(join(place, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (isOurs || age > dayMs) rmSync(join(place, name), { recursive: true, force: true });
  }
}

async function writeWhole(path: string, content: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Brings the names in a folder to the disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
