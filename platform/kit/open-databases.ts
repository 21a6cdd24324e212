// The databases of the services of a process: made if need be, brought up to date, and opened.
import { whenThere, type Patience } from "#platform/database/awaited.ts";
import { checkConnections } from "#platform/database/connection-budget.ts";
import { migrateService, replicaUrl, type DatabaseHome } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Clock } from "./clock.ts";
import type { Environment } from "./config.ts";
import type { AnyService } from "./service.ts";
import { requireGoing } from "./stopped.ts";

export interface OpenDatabasesOptions {
  readonly services: readonly AnyService[];
  readonly environment: Environment;
  readonly config: { readonly DATABASE_POOL_MAX: number; readonly REPLICAS: number };
  readonly home: DatabaseHome;
  readonly clock: Clock;
  readonly log: Logger;
  /** Waits for a server that does not answer yet and for databases that are not made yet, as long as nobody ends it. */
  readonly waitsForDatabases?: boolean | undefined;
  /** Ends it between two databases. */
  readonly stop?: AbortSignal | undefined;
  /** Told what was done, for progress. */
  readonly onStep?: (sentence: string) => void;
}

/** How a process with these options waits for its databases. */
export function patienceOf({
  waitsForDatabases = false,
  clock,
  log,
  stop,
}: Pick<OpenDatabasesOptions, "waitsForDatabases" | "clock" | "log" | "stop">): Patience {
  const patienceMs = waitsForDatabases ? Number.POSITIVE_INFINITY : 0;
  return { clock, patienceMs, note: (sentence) => log.warn(sentence), stop };
}

/** Opens them one after the other into `databases`, so that whoever is stopped in between can close those that are open. */
export async function openDatabases(
  options: OpenDatabasesOptions,
  databases: Map<string, Database>,
): Promise<void> {
  const { services, environment, config, home, clock, log, stop, onStep } = options;
  const patience = patienceOf(options);
  const urls: string[] = [];
  const { DATABASE_POOL_MAX: poolMax, REPLICAS: replicas } = config;
  for (const definition of services) {
    if (definition.database === undefined) continue;
    requireGoing(stop);
    const { name } = definition;
    const url = await whenThere(patience, async () => await home(definition));
    const count = await whenThere(patience, async () => await migrateService(definition, url, environment));
    if (count > 0) onStep?.(`${name}: ${count} migrations applied.`);
    const database = openDatabase({
      url,
      readUrl: replicaUrl(definition, environment, url),
      name,
      connectionsMax: poolMax,
      clock,
      log: log.child({ service: name }),
    });
    databases.set(name, database);
    urls.push(url);
  }
  await whenThere(patience, async () => await checkConnections(urls, { poolMax, replicas, log }));
}
