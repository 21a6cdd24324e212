import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { drillBackup, type Drilled } from "../backup/drill-backup.ts";
import { scratchPlace } from "../backup/scratch.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { connectRunningPostgres } from "#platform/postgres/running-postgres.ts";
import { readSetup, tellShop } from "./backup-setup.ts";
import type { CommandContext } from "./command.ts";

/** `drill PATH`: rehearses a restore into a server of its own, which is taken away again. */
export async function drill(context: CommandContext): Promise<void> {
  const { shop, print, paint } = context;
  const path = resolve(context.args[0] ?? "");
  const { key, places, progress } = readSetup(context);
  const dataDir = join(places.dataFolder, "postgres");
  const startedMs = systemClock.monotonicMs();
  const scratch = scratchPlace(places.dataFolder, existsSync(join(dataDir, "cluster")));
  const drilled = await drillBackup({ shop, path, scratch, key, progress });
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  for (const line of tableOf(drilled)) print(line);
  for (const fault of drilled.faults) print(`  ${paint("red", "WRONG")}  ${fault}`);
  await tell(context, dataDir, drilled, path);
  if (drilled.faults.length > 0)
    throw new StartError(`The drill found ${drilled.faults.length} faults in the backup ${path}.`);
  print(`The backup of ${drilled.manifest.at} can be restored: it took ${seconds.toFixed(1)} s.`);
}

function tableOf({ manifest, survey }: Drilled): string[] {
  const lines = Object.entries(survey.rows).map(([database, tables]) => {
    const counts = Object.values(tables);
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return `  ${database.padEnd(20)} ${String(counts.length).padStart(3)} tables ${rows.toLocaleString("en").padStart(12)} rows`;
  });
  const held = survey.invariants.filter(({ violations }) => violations === 0).length;
  const newest = survey.newestOrder;
  return [
    ...lines,
    `  ${held} of ${survey.invariants.length} rules hold${newest ? `; newest order ${newest.number} of ${newest.placedAt}` : ""}.`,
    ...(manifest.survey ? [] : ["  The manifest tells no numbers to compare with."]),
  ];
}

/** The shop hears of it when it runs on this machine. */
async function tell(context: CommandContext, dataDir: string, drilled: Drilled, path: string): Promise<void> {
  const server = await connectRunningPostgres(dataDir);
  if (!server) return;
  const { manifest, faults } = drilled;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const at = systemClock.now().toISOString();
  await tellShop(context, server, "backup.drill", { at, bytes, path, ok: faults.length === 0 });
}
