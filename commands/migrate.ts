import { readConfig } from "#platform/kit/config.ts";
import { migrateService } from "#platform/database/database-home.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";

/** Brings every database up to date. Safe beside a running shop and beside itself. */
export async function migrateAll({ shop, environment, print }: CommandContext): Promise<void> {
  const config = readConfig(PlatformConfig, environment);
  const databases = await openDatabases({ config, environment, print, mayJoin: true });
  try {
    for (const { name, load } of shop.services) {
      const definition = await load();
      if (definition.database === undefined) continue;
      const count = await migrateService(definition, await databases.home(definition));
      print(`${name}: ${count === 0 ? "up to date" : `${count} migrations applied`}.`);
    }
  } finally {
    await databases.stop();
  }
}
