// The databases of a shop that is there, for commands that look into them or change a little.
import { migrateService } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";

interface Looked {
  readonly services: readonly AnyService[];
  /** Names the connections. */
  readonly purpose: string;
  /** Brings each database up to date first. */
  readonly migrates?: boolean;
}

/** Opens the database of one service after the other, each for as long as `work` takes. Safe beside a running shop; makes no new one. */
export async function withExistingDatabases(
  { environment, note, stop }: Pick<CommandContext, "environment" | "note" | "stop">,
  { services, purpose, migrates = false }: Looked,
  work: (service: string, db: Database) => Promise<void>,
): Promise<void> {
  const config = readConfig(PlatformConfig, { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment });
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const server = await openDatabases({
    config,
    environment,
    print: note,
    stop,
    mayJoin: true,
    split: services.map(({ name }) => name),
    mustExist: true,
  });
  try {
    for (const definition of services) {
      const url = await server.home(definition);
      if (migrates) await migrateService(definition, url);
      const name = `${purpose}-${definition.name}`;
      const db = openDatabase({ url, name, connectionsMax: 1, clock: systemClock, log });
      try {
        await work(definition.name, db);
      } finally {
        await db.close();
      }
    }
  } finally {
    await server.stop();
  }
}

/** The database of this service, brought up to date, for as long as `work` takes; answers what it answers. */
export async function withServiceDatabase<T>(
  context: CommandContext,
  service: string,
  purpose: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const services = await loadServices(context.shop, (name) => name === service);
  const answers: T[] = [];
  await withExistingDatabases(context, { services, purpose, migrates: true }, async (_, db) => {
    answers.push(await work(db));
  });
  if (answers.length !== 1) throw new Error(`There is no service "${service}".`);
  return answers[0] as T;
}
