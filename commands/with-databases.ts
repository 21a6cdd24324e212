import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";

/** Opens the database of every service for reading, runs `work`, and closes them again whatever happens. */
export async function withDatabases(
  { shop, environment, print }: CommandContext,
  work: (databases: ReadonlyMap<string, Database>) => Promise<void>,
): Promise<void> {
  const config = readConfig(PlatformConfig, { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment });
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const server = await openDatabases({ config, environment, print, mayJoin: true });
  const databases = new Map<string, Database>();
  try {
    for (const { name, load } of shop.services) {
      const definition = await load();
      if (definition.database === undefined) continue;
      const url = await server.home(definition);
      databases.set(
        name,
        openDatabase({ url, name: `check-${name}`, connectionsMax: 1, clock: systemClock, log }),
      );
    }
    await work(databases);
  } finally {
    await Promise.all([...databases.values()].map((db) => db.close()));
    await server.stop();
  }
}
