// What the commands about backups share: the settings, the key, the server, and what is told to the shop.
import { basename, dirname, resolve } from "node:path";
import { readBackupKey, type BackupKey } from "../backup/backup-key.ts";
import { BackupConfig } from "../backup/config.ts";
import type { DataPlaces } from "../backup/shop-files.ts";
import { keepErasures } from "../backup/erasure-journal.ts";
import { progressOf, type Progress } from "../backup/progress.ts";
import { recordActivity } from "#platform/activity/activity.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type ConfigOf } from "#platform/kit/config.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { ownVersion } from "#platform/kit/version.ts";
import { namesDatabases, outsideServer } from "#platform/database/database-home.ts";
import { openDatabase, sqlState, type Tx } from "#platform/database/db.ts";
import { replaceFact } from "#platform/database/facts.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { FolderConfig } from "../services/catalog/folder-files.ts";
import type { CommandContext } from "./command.ts";

const allConfig = { ...PlatformConfig, ...BackupConfig, ...FolderConfig };

export interface BackupSetup {
  readonly config: ConfigOf<typeof allConfig>;
  readonly key: BackupKey | undefined;
  readonly places: DataPlaces;
  readonly progress: Progress;
  readonly version: string;
}

export function readSetup({ environment, note }: CommandContext): BackupSetup {
  const config = readConfig(allConfig, environment);
  return {
    config,
    key: readBackupKey(config.BACKUP_KEY_FILE, config.STOA_DATA),
    places: { dataFolder: resolve(config.STOA_DATA), filesFolder: config.FILES_FOLDER },
    progress: progressOf(note),
    version: ownVersion(),
  };
}

/** Throws a StartError where the databases are not the shop's own server: their files are elsewhere. */
export async function requireEmbedded({ shop, environment }: CommandContext): Promise<void> {
  const names = (await loadServices(shop)).map(({ name }) => name);
  if (outsideServer(environment) === undefined && !namesDatabases(names, environment)) return;
  throw new StartError(
    "The databases of this shop are on a server of their own, which makes its own backups: with pg_dump, or as whoever runs it offers them. docs/operate/backup.md says how.",
  );
}

/** Remembers in every database what a backup or a drill came to, where the shop's figures show it. */
export async function tellShop(
  context: CommandContext,
  server: EmbeddedPostgres,
  fact: "backup.last" | "backup.drill",
  value: { readonly at: string; readonly bytes: number; readonly path: string; readonly ok: boolean },
): Promise<void> {
  for (const service of await loadServices(context.shop)) {
    if (service.database === undefined) continue;
    const url = server.urlFor(service.database);
    const db = openDatabase({ url, name: "backup", connectionsMax: 1, clock: systemClock, log: silentLog });
    try {
      await db.inTransaction(async (tx) => {
        await replaceFact(tx, fact, JSON.stringify(value));
        if (fact === "backup.last" && service.name === "user") await recordBackup(tx, value);
      });
      if (fact === "backup.last") await keepErasures(dirname(value.path), service.name, db);
    } catch (error) {
      // A database that is not there yet, or of a release that had no such tables: there is nobody to tell.
      if (!["42P01", "3D000"].includes(stateOf(error) ?? "")) throw error;
    } finally {
      await db.close();
    }
  }
}

function stateOf(error: unknown): string | undefined {
  return sqlState(error) ?? sqlState(error instanceof Error ? error.cause : undefined);
}

async function recordBackup(tx: Tx, { path, at, bytes }: { path: string; at: string; bytes: number }) {
  await recordActivity(tx, {
    actor: { kind: "command", id: "backup" },
    action: "backup.made",
    subject: { kind: "backup", id: basename(path) },
    after: { at, bytes },
  });
}
