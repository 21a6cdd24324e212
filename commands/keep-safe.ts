// What a shop with its own PostgreSQL does for its safety while it runs: it copies its log elsewhere, where a place for that is named.
import { join, resolve } from "node:path";
import { readBackupKey } from "../backup/backup-key.ts";
import { requireUsablePlace } from "../backup/backup-folder.ts";
import { BackupConfig } from "../backup/config.ts";
import { archiveWal } from "../backup/wal-archive.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";

export interface SafeKeeping {
  /** Ends it; what is new until then comes with the next start. */
  end(): Promise<void>;
}

/** Begins it. Throws a StartError for settings that cannot be right. */
export async function keepSafe(
  environment: Environment,
  server: EmbeddedPostgres,
  log: { info(message: string): void; error(message: string): void },
): Promise<SafeKeeping> {
  const config = readConfig({ ...PlatformConfig, ...BackupConfig }, environment);
  const { WAL_ARCHIVE_TO: place, STOA_DATA: dataFolder, BACKUP_KEY_FILE: keyFile } = config;
  if (place === undefined) return { end: () => Promise.resolve() };
  requireUsablePlace(place, dataFolder, keyFile);
  const ending = new AbortController();
  const archiving = archiveWal(
    {
      adminUrl: server.adminUrl,
      cluster: join(resolve(dataFolder), "postgres", "cluster"),
      place: resolve(place),
      key: readBackupKey(keyFile, dataFolder),
      everySeconds: config.WAL_ARCHIVE_SECONDS,
      clock: systemClock,
      log,
    },
    ending.signal,
  );
  return {
    end: async () => {
      ending.abort();
      await archiving;
    },
  };
}
