// Events, receiving side: applied exactly once, because the note that it was applied commits with its effect.
import { EventInboxService, type Event } from "#gen/stoa/platform/v1/events_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { sqlState, type Database } from "./db.ts";
import type { EventHandler } from "./events.ts";
import { isKind } from "#platform/kit/errors.ts";
import type { Job } from "./jobs.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { startSpan, traceFrom, withinWork } from "#platform/telemetry/trace.ts";
import { bindRpcs, type BoundService } from "#platform/rpc/contract.ts";
import type { Scope } from "#platform/rpc/scope.ts";

export interface InboxOptions {
  readonly service: string;
  readonly db: Database;
  /** One for each topic. */
  readonly handlers: readonly EventHandler[];
  readonly log: Logger;
  readonly clock: Clock;
}

interface Listener extends Omit<InboxOptions, "handlers"> {
  readonly handlers: ReadonlyMap<string, EventHandler>;
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
export function bindInbox({ handlers, ...options }: InboxOptions): BoundService {
  const listener = { ...options, handlers: new Map(handlers.map((handler) => [handler.topic, handler])) };
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

/** The handler's work is part of the trace of the request that caused the event, not of the delivery that carried it. */
async function applyOnce({ db, handlers, service }: Listener, source: string, event: Event): Promise<void> {
  const handler = handlers.get(event.topic);
  if (!handler) return;
  const { id, topic, aggregateId, traceparent } = event;
  const span = startSpan(service, `event ${topic}`, "consumer", traceFrom(traceparent || undefined));
  let failed = true;
  try {
    await withinWork(
      service,
      span.trace,
      async () =>
        await db.inTransaction(async (tx) => {
          const isNew = await tx.run(
            "insert into inbox (event_id, source, topic) values ($1, $2, $3) on conflict do nothing",
            [id, source, topic],
          );
          if (isNew === 1) await handler.apply(tx, event, { id, topic, aggregateId, trace: span.trace });
        }),
    );
    failed = false;
  } finally {
    span.end({ failed, attributes: { "event.id": id, "event.source": source } });
  }
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
