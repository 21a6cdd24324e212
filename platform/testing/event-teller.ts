// A service that tells of events, for tests of where they go.
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import type { Database } from "#platform/database/db.ts";
import type { Outbox } from "#platform/database/outbox.ts";

/** Relays until the function it answers is called, which closes the outbox; `atEnd` is told of that function for a test that fails. */
export function startRelay(outbox: Outbox, atEnd: (end: () => Promise<void>) => void): () => Promise<void> {
  const stop = new AbortController();
  const done = outbox.relay(stop.signal);
  const end = async () => {
    stop.abort();
    await done;
    await outbox.close();
  };
  atEnd(end);
  return end;
}

/** Tells of an event for each label, each in a transaction of its own; what stands before the first dash names the aggregate. */
export async function tellEvents(db: Database, outbox: Outbox, labels: readonly string[]): Promise<void> {
  for (const label of labels)
    await db.inTransaction(async (tx) => {
      const aggregateId = label.split("-")[0] ?? "";
      await outbox.emit(tx, {}, OrderPlacedSchema, { aggregateId, payload: { order: { id: label } } });
    });
}

/** How many pieces of work of this name there are. */
export async function countTasks(db: Database, name: string): Promise<number> {
  const row = await db.row<{ count: number }>("select count(*)::int as count from tasks where name = $1", [
    name,
  ]);
  return row?.count ?? 0;
}
