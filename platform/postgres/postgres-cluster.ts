import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { PostgresAccount } from "./postgres-account.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { requireGoing } from "#platform/kit/stopped.ts";

/** The name of the superuser of an embedded PostgreSQL. */
export const superuser = "stoa_admin";

const draftPrefix = "cluster.new-";
const passwordFile = "superuser-password";

export interface ClusterWish {
  readonly folder: string;
  readonly cluster: string;
  readonly account: PostgresAccount;
  /** The program that makes the files. */
  readonly initdb: string;
  readonly stop?: AbortSignal | undefined;
}

/**
 * Creates PostgreSQL's files in `cluster`, unless they are there. They appear whole or not at all: a start that was
 * killed leaves a draft, which the next one removes. Throws a StartError with what initdb said, or when `stop` aborts.
 */
export async function ensureCluster({ folder, cluster, account, initdb, stop }: ClusterWish): Promise<void> {
  removeDrafts(folder);
  if (existsSync(cluster)) return;
  const draft = mkdtempSync(join(folder, draftPrefix));
  const passwordCopy = `${draft}.password`;
  const password = randomBytes(24).toString("base64url");
  try {
    give(draft, account);
    writeSecret(passwordCopy, password, account);
    await initialise(draft, passwordCopy, async (words) => await runInitdb(initdb, words, account, stop));
    // The password lies among the files it opens, so that the two can never be separated by a crash.
    writeSecret(join(draft, passwordFile), password, account);
    renameSync(draft, cluster);
    syncFolder(folder);
  } finally {
    removeDrafts(folder);
  }
}

/** The superuser's password; throws a StartError when this user may not read it. */
export function readSuperuserPassword(cluster: string): string {
  try {
    return readFileSync(join(cluster, passwordFile), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new StartError(
        `The folder ${cluster} holds no ${passwordFile}, so it is not one of this program or was damaged. ` +
          `Restore it from a backup, or choose another data folder with STOA_DATA.`,
        { cause: error },
      );
    }
    const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
    throw new StartError(
      `The database in ${cluster} belongs to another user (id ${owner}). Start the shop as the user who started it ` +
        `before, or choose another data folder with STOA_DATA.`,
      { cause: error },
    );
  }
}

function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(draftPrefix)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Sorting follows code points (builtin C.UTF-8), the same on every machine. Which characters are letters comes from
 * the system's C.UTF-8: with plain C, full-text search and trigrams would take "é" for a space.
 */
async function initialise(
  draft: string,
  passwordCopy: string,
  run: (words: string[]) => Promise<string>,
): Promise<void> {
  const base = [
    "-D",
    draft,
    "-U",
    superuser,
    `--pwfile=${passwordCopy}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
  ];
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  let said = "";
  for (const ctype of ["C.UTF-8", "en_US.UTF-8", "C"]) {
    said = await run([...base, ...locale, `--lc-ctype=${ctype}`]);
    if (said === "") return;
    if (!said.includes("invalid locale name")) break;
  }
  throw new StartError(
    `PostgreSQL could not create its files in ${draft}: ${said} ` +
      `Free space or mend what it names, then start again.`,
  );
}

/** In a session of its own, so that Ctrl-C reaches this program alone, which ends it and says why. */
async function runInitdb(
  initdb: string,
  words: string[],
  account: PostgresAccount,
  stop: AbortSignal | undefined,
): Promise<string> {
  requireGoing(stop);
  const { file, args, ...user } = account.command(initdb, words);
  const child = spawn(file, args, { ...user, cwd: "/", detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const end = () => endGroup(child.pid);
  stop?.addEventListener("abort", end, { once: true });
  const said = text(child.stderr);
  const [code] = (await once(child, "close")) as [number | null];
  stop?.removeEventListener("abort", end);
  requireGoing(stop);
  if (code === 0) return "";
  return (await said).trim().split("\n").slice(-6).join("\n") || `initdb ended with code ${code}.`;
}

/** What it leaves is a draft, and goes. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function writeSecret(path: string, secret: string, account: PostgresAccount): void {
  writeFileSync(path, secret, { mode: 0o600, flag: "wx", flush: true });
  give(path, account);
}

function give(path: string, account: PostgresAccount): void {
  if (account.owner) chownSync(path, account.owner.uid, account.owner.gid);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
