import { randomInt } from "node:crypto";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { makeFolder } from "#platform/kit/folders.ts";
import { requireGoing } from "#platform/kit/stopped.ts";
import { processIdentity } from "./process-identity.ts";
import { StartError } from "#platform/kit/start-error.ts";

/** The right to use a folder alone, held until `release` or the end of the process, however it ends. */
export interface FolderLock {
  release(): void;
}

const entryPattern = /^in-use-by\.(\d+)\.[A-Za-z0-9.]+$/;

/**
 * Takes `folder` for this process alone. A program that was killed leaves nothing that blocks. Waits up to `waitMs`
 * for a program that is just ending; throws a StartError when another one keeps the folder, or when `stop` aborts.
 */
export async function lockFolder(folder: string, waitMs: number, stop?: AbortSignal): Promise<FolderLock> {
  const deadline = systemClock.monotonicMs() + waitMs;
  const entry = join(folder, `in-use-by.${processIdentity(process.pid)}`);
  for (;;) {
    requireGoing(stop);
    const holder = tryLock(folder, entry);
    if (holder === undefined) return { release: () => rmSync(entry, { force: true }) };
    if (systemClock.monotonicMs() >= deadline) {
      throw new StartError(
        `The data folder ${folder} is in use by another running program (process ${holder}). ` +
          `Stop that one first, or give this one a folder of its own with STOA_DATA.`,
      );
    }
    // Two that meet at the same instant both step back; chance decides who comes first next time.
    await systemClock.sleep(randomInt(50, 200));
  }
}

/**
 * First shows its own entry, then looks for others: of two programs at least one sees the other, so never both stay.
 * The identity is in the file's name, so an entry is whole as soon as it exists.
 */
function tryLock(folder: string, entry: string): number | undefined {
  try {
    makeFolder(folder);
    writeFileSync(entry, "", { flag: "wx" });
    const other = findOther(folder, entry);
    if (other !== undefined) rmSync(entry, { force: true });
    return other;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(entry)) return process.pid;
    throw folderError(folder, error as NodeJS.ErrnoException);
  }
}

function findOther(folder: string, entry: string): number | undefined {
  for (const name of readdirSync(folder)) {
    const pid = Number(entryPattern.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || name === basename(entry)) continue;
    if (`in-use-by.${processIdentity(pid)}` === name) return pid;
    rmSync(join(folder, name), { force: true });
  }
  return undefined;
}

/** The process that holds the folder now; undefined when none does. Takes nothing and changes nothing. */
export function runningProgramOf(folder: string): number | undefined {
  if (!existsSync(folder)) return undefined;
  for (const name of readdirSync(folder)) {
    const pid = Number(entryPattern.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && `in-use-by.${processIdentity(pid)}` === name) return pid;
  }
  return undefined;
}

const inTheWay =
  "a part of that path is a file, or a link that leads nowhere; choose another folder with STOA_DATA";

function folderError(folder: string, error: NodeJS.ErrnoException): StartError {
  const reasons: Record<string, string> = {
    EACCES: "this user may not write there; give it the right, or choose another folder with STOA_DATA",
    EPERM: "this user may not write there; give it the right, or choose another folder with STOA_DATA",
    EROFS: "it is on a read-only file system; choose another folder with STOA_DATA",
    EEXIST: inTheWay,
    ENOTDIR: inTheWay,
    ENOENT: "no folders can be made there; choose another folder with STOA_DATA",
    ELOOP: "its links go round in circles; choose another folder with STOA_DATA",
    ENAMETOOLONG: "its name is too long; choose another folder with STOA_DATA",
    ENOSPC: "the disk is full; free some space and start again",
    EDQUOT: "the disk quota is used up; free some space and start again",
  };
  const reason = reasons[error.code ?? ""] ?? error.message;
  return new StartError(`The data folder ${folder} cannot be used: ${reason}.`, { cause: error });
}
