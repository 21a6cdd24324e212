// Erasing a person from the activity log, and doing it again after a restore.
import type { Database, Queryable, Tx } from "#platform/database/db.ts";
import { recordActivity, type ActivityActor, type ActivityCall } from "./activity.ts";
import { deletePersonal, hasErasure, listErasures } from "./activity-store.ts";

/** One erased person: an id and when, nothing personal. */
export interface Erasure {
  readonly person: string;
  readonly erasedAt: Date;
}

/** The action under which an erasure stands in the log itself, which is the ledger of erasures. */
export const eraseAction = "activity.erase";

/**
 * Takes everything personal of somebody out of this database's log; the chain holds only salted hashes of it and stays whole. Says so
 * in the log, by id. Part of the transaction in which the service forgets the person. Safe to repeat.
 */
export async function eraseActivityOf(
  tx: Tx,
  person: string,
  by: { readonly call?: ActivityCall | undefined; readonly actor?: ActivityActor },
): Promise<void> {
  const gone = await deletePersonal(tx, person);
  if (gone === 0 && (await hasErasure(tx, person))) return;
  await recordActivity(tx, {
    ...by,
    action: eraseAction,
    subject: { kind: "person", id: person },
    after: { values: gone },
  });
}

/** The same for a service that hears of it as an event; nothing for somebody who had no account. */
export async function forgetActivityOf(tx: Tx, userId: string): Promise<void> {
  if (userId !== "") await eraseActivityOf(tx, userId, { actor: { kind: "service", id: "user" } });
}

/** All erasures that this database knows of, oldest first; to be kept beside its backups. */
export async function exportErasures(db: Queryable): Promise<Erasure[]> {
  return await listErasures(db);
}

/**
 * Applies erasures to a database that was restored to a time before them, each in a transaction of its own. Safe to repeat. Of the user
 * service's database this also makes the service erase the accounts once it runs, everywhere. Returns how many were new to it.
 */
export async function applyErasures(
  db: Database,
  erasures: readonly Pick<Erasure, "person">[],
): Promise<number> {
  let count = 0;
  for (const { person } of erasures) {
    const isNew = await db.inTransaction(async (tx) => {
      const isKnown = await hasErasure(tx, person);
      await eraseActivityOf(tx, person, { actor: { kind: "command", id: "restore" } });
      return !isKnown;
    });
    if (isNew) count += 1;
  }
  return count;
}
