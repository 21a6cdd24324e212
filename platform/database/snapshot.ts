// Reading much, all of it as it was at one moment.
import type { Database, Tx } from "./db.ts";

/**
 * Runs `work` on a snapshot: whatever is written meanwhile, it reads what was there when it began. It may take minutes and wait for whoever
 * takes what it reads, because the limits of a connection are lifted for it; PostgreSQL keeps old rows as long as it runs. It
 * can write nothing.
 */
export async function inSnapshot<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.inTransaction(async (tx) => {
    await tx.run("set transaction isolation level repeatable read, read only");
    await tx.run("set local idle_in_transaction_session_timeout = 0");
    await tx.run("set local statement_timeout = 0");
    return await work(tx);
  });
}
