import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { removeOldBackups } from "../backup/backup-folder.ts";
import { makeBackup } from "../backup/make-backup.ts";
import { requireNoCutOffRestore } from "../backup/cut-off-restore.ts";
import type { Manifest } from "../backup/manifest.ts";
import { sizeOf } from "../backup/progress.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { connectRunningPostgres } from "#platform/postgres/running-postgres.ts";
import { readSetup, requireEmbedded, tellShop } from "./backup-setup.ts";
import type { CommandContext } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** `backup --to FOLDER`: saves the whole shop, also while it runs. The last line is where the backup is. */
export async function backup(context: CommandContext): Promise<void> {
  const { shop, options, note, print, stop } = context;
  const target = options["to"];
  if (typeof target !== "string" || target === "")
    throw new UsageError("Say where the backup goes: stoa backup --to FOLDER.");
  await requireEmbedded(context);
  const setup = readSetup(context);
  const { config, key, places, progress, version } = setup;
  const server = await openServer(context, places.dataFolder);
  try {
    const made = await makeBackup({
      ...{ shop, server, places, target: resolve(target), key, progress, version, note, stop },
      keyFile: config.BACKUP_KEY_FILE,
    });
    const faults = tell(made.manifest, note);
    const bytes = made.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    await tellShop(context, server, "backup.last", {
      at: made.manifest.at,
      bytes,
      path: made.path,
      ok: faults === 0,
    });
    for (const old of await removeOldBackups(resolve(target), key, config.BACKUP_KEEP_DAYS))
      note(`Older than ${config.BACKUP_KEEP_DAYS} days, and taken away: ${old}`);
    print(made.path);
    if (faults > 0)
      throw new StartError(
        `The backup is whole, but ${faults} rules were broken in the shop when it was made; stoa check names them. The last line before this is its path.`,
      );
  } finally {
    await server.stop();
  }
}

/** The shop's own server: the one that runs, else one for as long as this takes. */
async function openServer({ note, stop }: CommandContext, dataFolder: string): Promise<EmbeddedPostgres> {
  const dataDir = join(dataFolder, "postgres");
  requireNoCutOffRestore(dataFolder);
  if (!existsSync(join(dataDir, "cluster")))
    throw new StartError(`There is no shop in ${dataFolder} to save. Name its folder in STOA_DATA.`);
  return (
    (await connectRunningPostgres(dataDir)) ??
    (await startEmbeddedPostgres({ dataDir, stop, log: { info: note, error: note } }))
  );
}

/** Says what is in it; answers how many rules do not hold. */
function tell({ at, files, survey, keyId }: Manifest, note: (line: string) => void): number {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  note(`Saved as of ${at}: ${sizeOf(bytes)}, ${keyId === null ? "not encrypted" : "encrypted"}.`);
  if (!survey) return 0;
  const rows = Object.values(survey.rows).flatMap((tables) => Object.values(tables));
  const count = rows.reduce((sum, one) => sum + one, 0);
  const broken = survey.invariants.filter(({ violations }) => violations > 0);
  const newest = survey.newestOrder;
  note(
    `It was put back and looked at: ${count.toLocaleString("en")} rows in ${rows.length} tables${newest ? `, newest order ${newest.number}` : ", no order yet"}; ${survey.invariants.length - broken.length} of ${survey.invariants.length} rules hold.`,
  );
  return broken.length;
}
