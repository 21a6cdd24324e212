// Events, receiving side: applied exactly once, because the note that it was applied commits with its effect.
import { EventInboxService, type Event } from "#gen/stoa/platform/v1/events_pb.js";
import { requireService } from "./auth.ts";
import type { Database, Tx } from "./db.ts";
import type { Logger } from "./log.ts";
import { bindRpcs, type BoundService } from "./rpc/contract.ts";

/** What a service does about a topic, inside the transaction that also notes the event. */
export type InboxHandlers = { readonly [topic: string]: (tx: Tx, event: Event) => Promise<void> };

/**
 * The RPC other services deliver events to. Duplicates are applied once; a topic without a handler is accepted and dropped,
 * so that an emitter may speak of more than a listener cares for. After a failure, later events of the same aggregate in the
 * same delivery fail too: their order is kept.
 */
export function bindInbox(db: Database, handlers: InboxHandlers, log: Logger): BoundService {
  return bindRpcs(EventInboxService, undefined, {
    async deliver(_, request, call) {
      const source = requireService(call);
      const failures: { eventId: string; message: string }[] = [];
      const stuck = new Set<string>();
      for (const event of request.events) {
        try {
          if (stuck.has(event.aggregateId))
            throw new Error("An earlier event of the same aggregate has failed.");
          await applyOnce(db, source, event, handlers[event.topic]);
        } catch (error) {
          stuck.add(event.aggregateId);
          failures.push({
            eventId: event.id,
            message: error instanceof Error ? error.message : String(error),
          });
          log.warn({ err: error, topic: event.topic, eventId: event.id }, "An event could not be applied.");
        }
      }
      return { failures };
    },
  });
}

async function applyOnce(
  db: Database,
  source: string,
  event: Event,
  handler: InboxHandlers[string] | undefined,
): Promise<void> {
  if (!handler) return;
  await db.inTransaction(async (tx) => {
    const isNew = await tx.run(
      "insert into inbox (event_id, source, topic) values ($1, $2, $3) on conflict do nothing",
      [event.id, source, event.topic],
    );
    if (isNew === 1) await handler(tx, event);
  });
}
