import { resolve } from "node:path";
import { sizeOf } from "../backup/progress.ts";
import { readBackup } from "../backup/verify-backup.ts";
import { readSetup } from "./backup-setup.ts";
import type { CommandContext } from "./command.ts";

/** `verify PATH`: reads a backup from its first byte to its last. Needs no shop, and changes nothing. */
export async function verify(context: CommandContext): Promise<void> {
  const [path = ""] = context.args;
  const { key, progress } = readSetup(context);
  const { manifest } = await readBackup(resolve(path), key, progress);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  if (key && manifest.keyId === null) context.note("It is not encrypted, although BACKUP_KEY_FILE is set.");
  context.print(
    `The backup is whole: every file of it (${sizeOf(bytes)}) is as it was written, as of ${manifest.at}.`,
  );
}
