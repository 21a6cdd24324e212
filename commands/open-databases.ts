// Where the databases are, for every command: an outside server when one is configured, else the embedded one.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import type { ConfigOf, Environment } from "#platform/kit/config.ts";
import {
  embeddedHome,
  outsideHome,
  namesDatabases,
  outsideServer,
  singleHome,
  type DatabaseHome,
} from "#platform/database/database-home.ts";
import {
  embeddedReaderHome,
  namedReaderHome,
  outsideReaderHome,
  type ReaderHome,
} from "#platform/database/reader-home.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { connectRunningPostgres } from "#platform/postgres/running-postgres.ts";
import type { PlatformConfig } from "#platform/kit/settings.ts";
import { requireNoCutOffRestore } from "../backup/cut-off-restore.ts";
import { forgetRestored } from "../backup/restored-mark.ts";
import { StartError } from "#platform/kit/start-error.ts";

export interface OpenDatabases {
  readonly home: DatabaseHome;
  /** The same databases for one who only reads. */
  readonly readers: ReaderHome;
  readonly isEmbedded: boolean;
  /** The embedded server, where it was started for this: no shop is at work on it but this program. */
  readonly own?: EmbeddedPostgres;
  stop(): Promise<void>;
}

export interface OpenDatabasesOptions {
  readonly config: ConfigOf<typeof PlatformConfig>;
  readonly environment: Environment;
  readonly print: (line: string) => void;
  /** Use the server of a shop that is running on the data folder, if there is one. */
  readonly mayJoin?: boolean;
  /** Services that are looked for where they would look themselves, each in a process of its own: at <SERVICE>_DATABASE_URL. */
  readonly split?: readonly string[];
  /** Refuse a data folder without a shop in it: there is nothing to look at, and none is made for a look. */
  readonly mustExist?: boolean;
  /** Ends the opening of the embedded server. */
  readonly stop?: AbortSignal;
}

/** Opens the databases of the whole shop. The embedded server runs until `stop`. */
export async function openDatabases(options: OpenDatabasesOptions): Promise<OpenDatabases> {
  const { config, environment, print } = options;
  const outside = outsideServer(environment);
  const readers = outsideReaderHome(environment, print);
  if (outside && readers) {
    return {
      home: outsideHome(outside, environment),
      readers,
      isEmbedded: false,
      stop: () => Promise.resolve(),
    };
  }
  if (namesDatabases(options.split ?? [], environment))
    return {
      home: singleHome(environment),
      readers: namedReaderHome(environment),
      isEmbedded: false,
      stop: () => Promise.resolve(),
    };
  const dataDir = join(config.STOA_DATA, "postgres");
  const running = options.mayJoin ? await connectRunningPostgres(dataDir) : undefined;
  if (running) return { ...embeddedHomes(running), stop: () => Promise.resolve() };
  if (options.mustExist && !existsSync(join(dataDir, "cluster")))
    throw new StartError(
      `There is no shop in ${resolve(config.STOA_DATA)} yet. Start one with: stoa serve all. Where its data is elsewhere, name the folder in STOA_DATA, or the server in DATABASE_URL.`,
    );
  requireNoCutOffRestore(config.STOA_DATA);
  const startedMs = systemClock.monotonicMs();
  const server = await startEmbeddedPostgres({
    dataDir,
    stop: options.stop,
    log: { info: print, error: print },
  });
  print(
    `PostgreSQL is up after ${Math.round(systemClock.monotonicMs() - startedMs)} ms, with its data in ${config.STOA_DATA}.`,
  );
  if (!options.mayJoin) forgetRestored(config.STOA_DATA);
  return { ...embeddedHomes(server), own: server, stop: () => server.stop() };
}

function embeddedHomes(server: EmbeddedPostgres): Omit<OpenDatabases, "stop"> {
  return { home: embeddedHome(server), readers: embeddedReaderHome(server), isEmbedded: true };
}
