import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { whenThere } from "#platform/database/awaited.ts";
import { migrateService } from "#platform/database/database-home.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { CommandContext } from "./command.ts";
import { planAll } from "./migrate-plan.ts";
import { openDatabases } from "./open-databases.ts";
import { waitMs } from "./wait.ts";

/** Brings every database up to date, or tells what that would do. */
export async function migrate(context: CommandContext): Promise<void> {
  await (context.options["plan"] ? planAll(context) : migrateAll(context));
}

/** Brings every database up to date. Safe beside a running shop and beside itself. */
async function migrateAll(context: CommandContext): Promise<void> {
  const { shop, environment, options, print, note, stop } = context;
  const config = readConfig(PlatformConfig, environment);
  const patience = { clock: systemClock, patienceMs: waitMs(options), note, stop };
  const split = shop.services.map(({ name }) => name);
  const databases = await openDatabases({ config, environment, print: note, stop, mayJoin: true, split });
  const applied: Record<string, number> = {};
  try {
    for (const { name, load } of shop.services) {
      const definition = await load();
      if (definition.database === undefined) continue;
      const count = await whenThere(
        patience,
        async () => await migrateService(definition, await databases.home(definition)),
      );
      applied[name] = count;
      note(`${name}: ${count === 0 ? "up to date" : `${count} migrations applied`}.`);
    }
    if (options["json"]) print(JSON.stringify({ applied }, undefined, 2));
  } finally {
    await databases.stop();
  }
}
