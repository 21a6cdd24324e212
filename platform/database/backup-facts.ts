// What every database remembers of its own backups: facts, each the last of its kind that went well.
import { findFact } from "./facts.ts";
import type { Queryable } from "./db.ts";

/** The last backup that holds the database, and the last drill that restored it. */
export type BackupFactName = "backup.last" | "backup.drill";

/** One of them, as it is written down: JSON with `at` as ISO time. */
export interface BackupFact {
  readonly at: Date;
  /** Size of the whole backup. */
  readonly bytes: number;
  readonly path: string;
}

/** Reads such a fact; undefined when there is none, and for text that is no such fact. */
export async function findBackupFact(db: Queryable, name: BackupFactName): Promise<BackupFact | undefined> {
  return parseBackupFact(await findFact(db, name));
}

/** The same from the text of a fact. */
export function parseBackupFact(text: string | undefined): BackupFact | undefined {
  if (text === undefined) return undefined;
  try {
    const said = JSON.parse(text) as { at?: unknown; bytes?: unknown; path?: unknown; ok?: unknown } | null;
    if (said?.ok !== true || typeof said.at !== "string") return undefined;
    const at = new Date(said.at);
    if (Number.isNaN(at.getTime())) return undefined;
    return { at, bytes: Number(said.bytes) || 0, path: typeof said.path === "string" ? said.path : "" };
  } catch {
    return undefined;
  }
}
