// Events, receiving side: applied exactly once, because the note that it was applied commits with its effect.
import { EventInboxService, type Event } from "#gen/stoa/platform/v1/events_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { sqlState, type Database, type Tx } from "./db.ts";
import { isKind } from "#platform/kit/errors.ts";
import type { Job } from "./jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { bindRpcs, type BoundService } from "#platform/rpc/contract.ts";
import type { Scope } from "#platform/rpc/scope.ts";

/** What a service does about a topic, inside the transaction that also notes the event. */
export type InboxHandlers = { readonly [topic: string]: (tx: Tx, event: Event) => Promise<void> };

interface Listener {
  readonly db: Database;
  readonly handlers: InboxHandlers;
  readonly log: Logger;
  readonly clock: Clock;
}

/** A delivery answers this long before its time is up, so that what was applied is known. */
const answerMs = 500;
/** No event is begun with less time than this. */
const applyMs = 2_000;

/**
 * The RPC other services deliver events to. Duplicates are applied once; a topic without a handler is accepted and dropped,
 * so that an emitter may speak of more than a listener cares for. After a failure, later events of the same aggregate in the
 * same delivery wait: their order is kept. An event is to blame only for a failure of its own, not for a database that is away.
 */
export function bindInbox(
  db: Database,
  handlers: InboxHandlers,
  log: Logger,
  clock: Clock = systemClock,
): BoundService {
  const listener = { db, handlers, log, clock };
  return bindRpcs(EventInboxService, undefined, {
    async deliver(_, request, call) {
      const source = requireService(call);
      const failures: { eventId: string; message: string; isBlocked: boolean }[] = [];
      const stuck = new Map<string, string>();
      for (const event of request.events) {
        const held = stuck.get(event.aggregateId) ?? lateness(call.scope, event === request.events[0]);
        const failure = held
          ? { message: held, isBlocked: true }
          : await applyInTime(listener, source, event, call.scope);
        if (!failure) continue;
        if (!held) stuck.set(event.aggregateId, "An earlier event of the same aggregate has failed.");
        failures.push({ eventId: event.id, ...failure });
      }
      return { failures };
    },
  });
}

function lateness(scope: Scope, isFirst: boolean): string | undefined {
  return isFirst || scope.remainingMs > applyMs ? undefined : "The delivery had no time left for it.";
}

async function applyInTime(
  listener: Listener,
  source: string,
  event: Event,
  scope: Scope,
): Promise<{ message: string; isBlocked: boolean } | undefined> {
  const { clock, log } = listener;
  const late = Promise.withResolvers<never>();
  const timer = clock.after(Math.max(0, scope.remainingMs - answerMs), () =>
    late.reject(new Error("It took longer than a delivery may take.")),
  );
  try {
    await Promise.race([applyOnce(listener, source, event), late.promise]);
    return undefined;
  } catch (error) {
    log.warn({ err: error, topic: event.topic, eventId: event.id }, "An event could not be applied.");
    const message = error instanceof Error ? error.message : String(error);
    return { message, isBlocked: isPassing(error) };
  } finally {
    timer.stop();
  }
}

/** Failures that say something about the moment and nothing about the event. */
function isPassing(error: unknown): boolean {
  return (
    isKind(error, "unavailable", "deadline_exceeded", "exhausted") || (sqlState(error) ?? "").startsWith("40")
  );
}

async function applyOnce({ db, handlers }: Listener, source: string, event: Event): Promise<void> {
  const apply = Object.hasOwn(handlers, event.topic) ? handlers[event.topic] : undefined;
  if (!apply) return;
  await db.inTransaction(async (tx) => {
    const isNew = await tx.run(
      "insert into inbox (event_id, source, topic) values ($1, $2, $3) on conflict do nothing",
      [event.id, source, event.topic],
    );
    if (isNew === 1) await apply(tx, event);
  });
}

/** Forgets applied events long after the last time they could be delivered again. */
export function forgetApplied(db: Database): Job {
  return {
    name: "forget-applied-events",
    everyMs: 6 * 3_600_000,
    isExclusive: true,
    run: async () => {
      await db.run("delete from inbox where applied_at < now() - interval '30 days'");
    },
  };
}
