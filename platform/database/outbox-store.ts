// Deliveries: tasks that have a lane, which is the event's aggregate. One row for each event and subscriber, gone once it arrived.
import type { Database, Queryable, Tx } from "./db.ts";

export interface Delivery {
  readonly eventId: string;
  readonly topic: string;
  readonly version: number;
  readonly aggregateId: string;
  /** JSON text, as it is sent. */
  readonly payload: string;
  readonly traceparent: string | null;
  readonly occurredAt: Date;
  readonly attempts: number;
}

export interface NewEvent {
  readonly eventId: string;
  readonly aggregateId: string;
  /** JSON text with topic, version and payload. */
  readonly content: string;
  readonly traceparent: string | null;
}

/** The name of the tasks that deliver to a subscriber. */
export function deliveryTo(subscriber: string): string {
  return `deliver-to-${subscriber}`;
}

/** Whether tasks of this name deliver events. */
export function isDelivery(taskName: string): boolean {
  return taskName.startsWith(deliveryTo(""));
}

/** One row for each subscriber, in one statement. */
export async function insertEvent(tx: Tx, event: NewEvent, subscribers: readonly string[]): Promise<void> {
  await tx.run(
    `insert into tasks (name, key, lane, payload, traceparent)
     select name, $2, $3, $4, $5 from unnest($1::text[]) as name`,
    [subscribers.map(deliveryTo), event.eventId, event.aggregateId, event.content, event.traceparent],
  );
}

/** True when some event may be due: the cheap question of a relay that holds no lease. */
export async function hasUndelivered(db: Queryable, subscriber: string): Promise<boolean> {
  const due = await db.row<{ isDue: boolean }>(
    `select exists (select 1 from tasks where name = $1 and lane is not null and dead_at is null and next_attempt_at <= now())
       or exists (select 1 from outbox where subscriber = $2) as "isDue"`,
    [deliveryTo(subscriber), subscriber],
  );
  return due?.isDue === true;
}

/** Takes over what the release before left in its own table, with its numbers, so that it goes out first. */
export async function moveLeftBehind(db: Queryable, subscriber: string): Promise<void> {
  await db.run(
    `with moved as (
       delete from outbox where subscriber = $1
       returning sequence, event_id, topic, aggregate_id, payload, occurred_at, attempts, next_attempt_at, last_error, dead_at)
     insert into tasks (name, key, sequence, lane, payload, attempts, next_attempt_at, last_error, created_at, dead_at)
     select $2, event_id::text, sequence, aggregate_id,
       jsonb_build_object('topic', topic, 'version', 1, 'payload', payload),
       attempts, next_attempt_at, last_error, occurred_at, dead_at
     from moved on conflict do nothing`,
    [subscriber, deliveryTo(subscriber)],
  );
}

/** Takes or renews the right to relay to a subscriber. Losing a lease to a crash costs nothing, so it need not be durable. */
export async function holdLease(
  db: Database,
  subscriber: string,
  owner: string,
  seconds: number,
): Promise<boolean> {
  const foreign = await db.row(
    "select 1 from outbox_relays where subscriber = $1 and owner <> $2 and lease_until > now()",
    [subscriber, owner],
  );
  if (foreign) return false;
  return await db.inTransaction(async (tx) => {
    await tx.run("set local synchronous_commit = off");
    const taken = await tx.run(
      `insert into outbox_relays (subscriber, owner, lease_until) values ($1, $2, now() + make_interval(secs => $3))
       on conflict (subscriber) do update set owner = excluded.owner, lease_until = excluded.lease_until
       where outbox_relays.owner = excluded.owner or outbox_relays.lease_until < now()`,
      [subscriber, owner, seconds],
    );
    return taken === 1;
  });
}

/** Gives the right back, so that the next process need not wait for its end. */
export async function endLease(db: Queryable, subscriber: string, owner: string): Promise<void> {
  await db.run("delete from outbox_relays where subscriber = $1 and owner = $2", [subscriber, owner]);
}

const deliveryColumns = `key as "eventId", payload ->> 'topic' as topic, (payload ->> 'version')::integer as version,
  lane as "aggregateId", (payload -> 'payload')::text as payload, traceparent, created_at as "occurredAt", attempts`;

const isFirstOfItsLane = `not exists (select 1 from tasks earlier where earlier.name = $1 and earlier.lane = t.lane
  and earlier.lane is not null and earlier.dead_at is null and earlier.attempts > 0 and earlier.sequence < t.sequence)`;

/**
 * What may be sent now: what was never refused, oldest first, and behind it some of what was, so that neither keeps the other
 * waiting. Never an event whose aggregate has an earlier one that was refused.
 */
export async function listUndelivered(
  db: Queryable,
  subscriber: string,
  { fresh, again }: { readonly fresh: number; readonly again: number },
): Promise<Delivery[]> {
  return await db.rows<Delivery>(
    `(select ${deliveryColumns} from tasks t
      where name = $1 and lane is not null and dead_at is null and attempts = 0 and next_attempt_at <= now()
        and ${isFirstOfItsLane}
      order by sequence limit $2)
     union all
     (select ${deliveryColumns} from tasks t
      where name = $1 and lane is not null and dead_at is null and attempts > 0 and next_attempt_at <= now()
        and ${isFirstOfItsLane}
      order by next_attempt_at limit $3)`,
    [deliveryTo(subscriber), fresh, again],
  );
}

export async function deleteDelivered(
  db: Queryable,
  subscriber: string,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return;
  await db.run("delete from tasks where name = $1 and key = any($2)", [deliveryTo(subscriber), eventIds]);
}

export async function recordFailure(
  db: Queryable,
  subscriber: string,
  eventId: string,
  failure: { message: string; delaySeconds: number; isDead: boolean },
): Promise<void> {
  await db.run(
    `update tasks set attempts = attempts + 1, last_error = $3, next_attempt_at = now() + make_interval(secs => $4),
       dead_at = case when $5 then now() end
     where name = $1 and key = $2`,
    [deliveryTo(subscriber), eventId, failure.message.slice(0, 500), failure.delaySeconds, failure.isDead],
  );
}
