// The chain of hashes over the activity log: pure, so that whoever checks it trusts nothing that lies in the database.
import { createHash, randomBytes } from "node:crypto";

/** What is hashed of a row, as the database writes it down; a constant of this release, never taken from the database. */
export const contentSql = `jsonb_build_array('activity.1', sequence, (extract(epoch from occurred_at) * 1000000)::bigint, actor_kind, actor,
  action, subject_kind, subject, about, before, after, personal, request_id, trace_id)::text`;

/** The hash of the row at `position`, which holds everything before it by the hash of the row before. Hexadecimal. */
export function chainHash(position: number, before: string, content: string): string {
  return createHash("sha256").update(`${position}\n${before}\n${content}`).digest("hex");
}

/** The hash that the chain holds of a personal value: without the salt it tells nothing, not even to whoever guesses the value. */
export function saltedHash(salt: Buffer, value: string): string {
  return createHash("sha256").update(salt).update(value).digest("hex");
}

/** A salt for one value. */
export function newSalt(): Buffer {
  return randomBytes(16);
}

/** A row as the chain sees it. */
export interface ChainRow {
  readonly position: number;
  readonly hash: string;
  readonly content: string;
}

/** Where a part of the chain begins: the row before it. */
export interface ChainEnd {
  readonly position: number;
  readonly hash: string;
}

/**
 * What is wrong with rows that should go on from `before`, in the order of their positions. One line for the first fault: what comes
 * after a broken link says nothing about itself. Rows that follow a fault are held against the hash that is written.
 */
export function chainFaults(before: ChainEnd, rows: readonly ChainRow[]): string[] {
  const faults: string[] = [];
  let { position, hash } = before;
  for (const row of rows) {
    if (row.position !== position + 1) {
      const missing = row.position - position - 1;
      faults.push(
        `${missing === 1 ? `row ${position + 1} is` : `rows ${position + 1} to ${row.position - 1} are`} missing`,
      );
    } else if (chainHash(row.position, hash, row.content) !== row.hash) {
      faults.push(`row ${row.position} is not what was sealed, or stands in another place`);
    }
    ({ position, hash } = row);
  }
  return faults;
}
