import { defineConfig, setting } from "#platform/kit/config.ts";

/** What the commands about backups read, and the shop that makes its own. */
export const BackupConfig = defineConfig({
  BACKUP_KEY_FILE: setting.optionalText({
    doc: "File with the key that backups are encrypted with: at least 32 characters, such as openssl rand -base64 32 writes. Outside of STOA_DATA: whoever has the data has no use for the key, and whoever lost the data needs it.",
  }),
  BACKUP_KEEP_DAYS: setting.integer({
    default: 30,
    min: 1,
    max: 36_500,
    doc: "How long backups are kept. The newest good one is kept for ever.",
  }),
  WAL_ARCHIVE_TO: setting.optionalText({
    doc: "Folder, on another disk than STOA_DATA, that the embedded PostgreSQL's log is copied to while the shop runs: backups can then be restored to any later second (stoa restore --at).",
  }),
  WAL_ARCHIVE_SECONDS: setting.integer({
    default: 30,
    min: 1,
    max: 3_600,
    doc: "How often what is new in that log is copied: so much can be lost with the disk.",
  }),
});
