import { migrateService } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";

/** Opens the database of one service of a shop that is there, brought up to date, for as long as `work` takes. Safe beside a running shop. */
export async function withOneDatabase<T>(
  { shop, environment, note, stop }: CommandContext,
  service: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const [definition] = await loadServices(shop, (name) => name === service);
  if (!definition) throw new Error(`There is no service "${service}".`);
  const config = readConfig(PlatformConfig, { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment });
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const server = await openDatabases({
    config,
    environment,
    print: note,
    stop,
    mayJoin: true,
    mustExist: true,
  });
  try {
    const url = await server.home(definition);
    await migrateService(definition, url);
    const db = openDatabase({ url, name: `export-${service}`, connectionsMax: 1, clock: systemClock, log });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  } finally {
    await server.stop();
  }
}
