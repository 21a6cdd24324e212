import { existsSync, realpathSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { pause, systemClock } from "#platform/kit/clock.ts";
import { lockFolder } from "./folder-lock.ts";
import { choosePostgresAccount } from "./postgres-account.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { ensureCluster, readSuperuserPassword, superuser } from "./postgres-cluster.ts";
import { type Postmaster, type PostmasterOptions, startPostmaster, stopPostmaster } from "./postmaster.ts";
import { closeDatabase } from "#platform/database/provision.ts";

/** A PostgreSQL server of this program's own, on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** Connects as superuser to the database `postgres`. */
  adminUrl: string;
  port: number;
  /** The address of a database, for the superuser or for the given role. */
  urlFor(database: string, role?: { name: string; password: string }): string;
  /** Ends the server and frees the data folder. May be called more than once. */
  stop(): Promise<void>;
}

/** Where the embedded PostgreSQL keeps its files, and how. */
export interface EmbeddedPostgresOptions {
  dataDir: string;
  log: { info(message: string): void; error(message: string): void };
  /** Off only for tests: a crash of the machine may then lose or destroy the data. Default: on. */
  fsync?: boolean;
  /** How long to wait for another program that is just leaving the folder. Default: 5 s. */
  lockWaitMs?: number;
  /** Further settings of the server, as NAME=value. */
  settings?: readonly string[];
  /** How long the server may take until it answers: one that has much of its log to read needs long. Default: 2 minutes. */
  readyWithinMs?: number;
  /** Ends the start, at every moment of it. */
  stop?: AbortSignal | undefined;
}

/**
 * Starts a real PostgreSQL on the files in `dataDir`, and makes them the first time. Only one program at a time has
 * a folder. Whatever was killed before (this program, PostgreSQL, both, or the first start half-way), the next start
 * mends it. A server that dies is started again on the same port. Throws a StartError saying what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const lock = await lockFolder(resolve(options.dataDir), options.lockWaitMs ?? 5_000, options.stop);
  try {
    const folder = realpathSync(options.dataDir);
    const cluster = join(folder, "cluster");
    const binaries = findPostgresBinaries();
    const account = choosePostgresAccount(folder, cluster, binaries.postgres);
    await ensureCluster({ folder, cluster, account, initdb: binaries.initdb, stop: options.stop });
    const password = readSuperuserPassword(cluster);
    if (await stopPostmaster(cluster))
      options.log.info("Ended a PostgreSQL that a killed program had left behind.");

    const logFile = join(folder, "postgres.log");
    if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
    const server = { program: binaries.postgres, account, cluster, logFile, fsync: options.fsync ?? true };
    const { settings, readyWithinMs } = options;
    const supervisor = await supervise(
      { ...server, settings, readyWithinMs, port: undefined, stop: options.stop },
      options.log,
    );
    const postgres = describeServer(supervisor.port, password, async () => {
      await supervisor.stop();
      lock.release();
    });
    await closeMaintenanceDatabases(postgres);
    return postgres;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Roles of services have no business in these either; also proves that the server takes our password. */
async function closeMaintenanceDatabases(postgres: EmbeddedPostgres): Promise<void> {
  const admin = new pg.Client({ connectionString: postgres.adminUrl });
  admin.on("error", () => undefined);
  try {
    await admin.connect();
    for (const database of ["postgres", "template1"]) await closeDatabase(admin, database);
  } catch (error) {
    await postgres.stop();
    throw error;
  } finally {
    await admin.end();
  }
}

/** The addresses of a server on this machine. */
export function describeServer(port: number, password: string, stop: () => Promise<void>): EmbeddedPostgres {
  const urlFor = (database: string, role = { name: superuser, password }) =>
    `postgres://${encodeURIComponent(role.name)}:${encodeURIComponent(role.password)}` +
    `@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  let stopped: Promise<void> | undefined;
  return { adminUrl: urlFor("postgres"), port, urlFor, stop: () => (stopped ??= stop()) };
}

const restartPauseMsMax = 10_000;

/** Keeps a server running until it is told to stop. */
async function supervise(options: PostmasterOptions, log: EmbeddedPostgresOptions["log"]) {
  const ending = new AbortController();
  let current: Postmaster = await startPostmaster(options);
  const { port } = current;

  const watch = async () => {
    let pauseMs = 0;
    while (!ending.signal.aborted) {
      const startedAt = systemClock.monotonicMs();
      await current.ended;
      if (ending.signal.aborted) return;
      pauseMs =
        systemClock.monotonicMs() - startedAt > 60_000 ? 0 : Math.min(pauseMs * 2 + 100, restartPauseMsMax);
      log.error(`PostgreSQL ended by itself; it is started again. Its own words are in ${options.logFile}.`);
      await pause(systemClock, pauseMs, ending.signal);
      if (ending.signal.aborted) return;
      try {
        current = await startPostmaster({ ...options, port, stop: undefined });
      } catch (error) {
        log.error(error instanceof Error ? error.message : String(error));
      }
    }
  };
  const watching = watch();

  const stop = async () => {
    ending.abort();
    // A restart under way must come to its end first, or it would outlive this program.
    await Promise.all([stopPostmaster(options.cluster), watching]);
    await stopPostmaster(options.cluster);
  };
  return { port, stop };
}
