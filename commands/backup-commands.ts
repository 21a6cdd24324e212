import type { CommandTable } from "./command.ts";

/** The commands that save a shop and bring it back. */
export const backupCommands: CommandTable = {
  backup: {
    doc: "Saves the whole shop as it is at one moment, also while it runs, with progress",
    more: [
      "Databases, pictures, and the keys that the shop made itself. The last line is where the backup is.",
      "Encrypted where BACKUP_KEY_FILE names a key. Those older than BACKUP_KEEP_DAYS go. docs/operate/backup.md has all of it.",
    ],
    options: { to: { doc: "The folder of backups, outside of STOA_DATA.", value: "folder" } },
    examples: [["backup --to /mnt/backups", "A new backup beside the older ones"]],
    load: async () => (await import("./backup.ts")).backup,
  },
  verify: {
    doc: "Reads a backup from its first byte to its last, and says whether it is whole",
    more: [
      "Needs no shop and changes nothing. Ends with code 1 for a backup that is damaged, foreign or not whole.",
    ],
    arguments: [{ name: "path", doc: "the backup, as stoa backup printed it", completes: "folder" }],
    examples: [["verify /mnt/backups/stoa-2026-11-26T03-00-00-000Z", "Looks at one backup"]],
    load: async () => (await import("./verify.ts")).verify,
  },
  restore: {
    doc: "Puts a backup into the folder of STOA_DATA, which must be empty, and checks every rule there",
    more: [
      "A shop that runs is never touched. Until the last moment the folder is as it was; what was cut off is done by saying it again.",
    ],
    arguments: [{ name: "path", doc: "the backup, as stoa backup printed it", completes: "folder" }],
    options: {
      at: {
        doc: "A later moment, such as 2026-11-26T13:05:00Z, or latest; from the archive in WAL_ARCHIVE_TO.",
        value: "moment",
      },
      force: { doc: "Puts what is in the folder aside first, beside it; it is not deleted." },
    },
    examples: [
      ["restore /mnt/backups/stoa-2026-11-26T03-00-00-000Z", "Brings the shop back"],
      [
        "restore /mnt/backups/stoa-2026-11-26T03-00-00-000Z --at latest",
        "The same, with all that the archive of the log knows since",
      ],
    ],
    load: async () => (await import("./restore.ts")).restore,
  },
  drill: {
    doc: "Rehearses a restore in a server of its own, checks every rule there, and takes it away again",
    more: [
      "Safe beside a running shop, which shows the result. Ends with code 1 when anything is not as it should be.",
    ],
    arguments: [{ name: "path", doc: "the backup, as stoa backup printed it", completes: "folder" }],
    examples: [["drill /mnt/backups/stoa-2026-11-26T03-00-00-000Z", "Whether that backup would help"]],
    load: async () => (await import("./drill.ts")).drill,
  },
};
