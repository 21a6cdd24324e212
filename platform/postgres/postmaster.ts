import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import type { PostgresAccount } from "./postgres-account.ts";
import { isPostmasterOf } from "./process-identity.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { requireGoing } from "#platform/kit/stopped.ts";

/** A running PostgreSQL server process. */
export interface Postmaster {
  pid: number;
  port: number;
  /** Settles when the process has ended, for whatever reason. */
  ended: Promise<void>;
}

/** What a postmaster is started from. */
export interface PostmasterOptions {
  program: string;
  account: PostgresAccount;
  cluster: string;
  logFile: string;
  /** A fixed port, or undefined for any free one. */
  port: number | undefined;
  fsync: boolean;
  /** Further settings, as NAME=value. */
  settings?: readonly string[] | undefined;
  readyWithinMs?: number | undefined;
  /** It follows a log and answers meanwhile, to those who only read. */
  isStandby?: boolean | undefined;
  /** Ends the start. */
  stop?: AbortSignal | undefined;
}

const readyWithinMsDefault = 120_000;
const obstaclesWithinMs = 15_000;

/**
 * Starts PostgreSQL in a session of its own, so that Ctrl-C does not reach it, and returns when it accepts
 * connections. Throws a StartError with the last lines of its log, or when `stop` aborts.
 */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const deadline = systemClock.monotonicMs() + obstaclesWithinMs;
  for (;;) {
    const port = options.port ?? (await findFreePort());
    const logStart = readLog(options.logFile).length;
    const postmaster = launch(options, port);
    if (await becomesReady(postmaster, options)) return postmaster;
    requireGoing(options.stop);
    const said = readLog(options.logFile).slice(logStart);
    // Ports get taken, and the last workers of a killed server need a moment to leave its shared memory.
    if (systemClock.monotonicMs() < deadline && /Address already in use|shared memory block/.test(said)) {
      await systemClock.sleep(100);
      continue;
    }
    throw new StartError(
      `PostgreSQL did not start. Its log ${options.logFile} ends with:\n${lastLines(said)}\n` +
        `${freeSpace(options.cluster)}Mend what it names, then start again; the data in ${options.cluster} is as it was.`,
    );
  }
}

/**
 * Ends the postmaster of `cluster`, if one runs: first it may roll back and write a checkpoint, then, when that takes
 * too long, at once (PostgreSQL recovers from its log at the next start). Returns when the process is gone.
 */
export async function stopPostmaster(cluster: string): Promise<boolean> {
  const pid = readPid(cluster);
  if (pid === undefined) return false;
  const wasRunning = isPostmasterOf(pid, cluster);
  if (wasRunning) await endPostmaster(pid, cluster);
  // PostgreSQL takes any process that has this number, even a dead one not yet reaped, for a server still running.
  rmSync(join(cluster, "postmaster.pid"), { force: true });
  return wasRunning;
}

async function endPostmaster(pid: number, cluster: string): Promise<void> {
  const steps = [
    ["SIGINT", 6_000],
    ["SIGQUIT", 3_000],
    ["SIGKILL", 2_000],
  ] as const;
  for (const [signal, waitMs] of steps) {
    sendSignal(pid, signal);
    if (await endsWithin(pid, cluster, waitMs)) return;
  }
  throw new StartError(
    `PostgreSQL (process ${pid}, data in ${cluster}) does not end; end it, then start again.`,
  );
}

/** The end of a log file, for a message. */
export function lastLines(log: string): string {
  return log.trimEnd().split("\n").slice(-8).join("\n");
}

function freeSpace(folder: string): string {
  const { bavail, bsize } = statfsSync(folder);
  const megabytes = Math.floor((bavail * bsize) / 1024 ** 2);
  return megabytes < 64 ? `Only ${megabytes} MiB are free on its disk. ` : "";
}

function launch(options: PostmasterOptions, port: number): Postmaster {
  const words = ["-D", options.cluster, ...settings(options, port).flatMap((setting) => ["-c", setting])];
  const { file, args, ...user } = options.account.command(options.program, words);
  const log = openSync(options.logFile, "a", 0o600);
  const child = spawn(file, args, { ...user, cwd: "/", detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return { pid: child.pid ?? 0, port, ended };
}

function settings(options: PostmasterOptions, port: number): string[] {
  return [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=128MB",
    "max_parallel_workers_per_gather=0",
    "jit=off",
    // After a crash whatever may not be on the disk is put there first: at once, not file by file of every database (seconds each).
    ...(process.platform === "linux" ? ["recovery_init_sync_method=syncfs"] : []),
    "timezone=UTC",
    `fsync=${options.fsync ? "on" : "off"}`,
    "synchronous_commit=on",
    `full_page_writes=${options.fsync ? "on" : "off"}`,
    "client_connection_check_interval=10s",
    // Errors of statements can quote customers' data; they reach the program that sent the statement anyway.
    "log_min_messages=log",
    "log_checkpoints=off",
    "log_timezone=UTC",
    // An archive of the log that cannot be reached must not fill the disk that orders are written to.
    "max_slot_wal_keep_size=4GB",
    ...(options.settings ?? []),
  ];
}

async function becomesReady(
  postmaster: Postmaster,
  { cluster, stop, isStandby = false, readyWithinMs = readyWithinMsDefault }: PostmasterOptions,
): Promise<boolean> {
  const ended = postmaster.ended.then(() => "ended" as const);
  const deadline = systemClock.monotonicMs() + readyWithinMs;
  while (systemClock.monotonicMs() < deadline && !stop?.aborted) {
    if (isReady(cluster, postmaster.pid, isStandby)) return true;
    if ((await Promise.race([ended, systemClock.sleep(10)])) === "ended") return false;
  }
  await stopPostmaster(cluster);
  return false;
}

function isReady(cluster: string, pid: number, isStandby: boolean): boolean {
  const lines = readPidFile(cluster);
  return (
    Number(lines[0]) === pid && ["ready", isStandby ? "standby" : "ready"].includes(lines[7]?.trim() ?? "")
  );
}

function readPid(cluster: string): number | undefined {
  const pid = Math.abs(Number(readPidFile(cluster)[0]));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function readPidFile(cluster: string): string[] {
  try {
    return readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

function readLog(logFile: string): string {
  try {
    return readFileSync(logFile, "utf8");
  } catch {
    return "";
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function endsWithin(pid: number, cluster: string, waitMs: number): Promise<boolean> {
  const deadline = systemClock.monotonicMs() + waitMs;
  while (systemClock.monotonicMs() < deadline) {
    if (!isPostmasterOf(pid, cluster)) return true;
    await systemClock.sleep(10);
  }
  return false;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string")
    throw new StartError("No free port was found on 127.0.0.1.");
  return address.port;
}
