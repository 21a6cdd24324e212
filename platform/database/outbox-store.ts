import type { Database, Tx } from "./db.ts";

export interface OutboxRow {
  readonly sequence: bigint;
  readonly eventId: string;
  readonly topic: string;
  readonly aggregateId: string;
  /** JSON text, as it is sent. */
  readonly payload: string;
  readonly occurredAt: Date;
  readonly attempts: number;
}

export interface NewEvent {
  readonly eventId: string;
  readonly topic: string;
  readonly aggregateId: string;
  /** JSON text. */
  readonly payload: string;
}

/** One row for each subscriber, in one statement. */
export async function insertEvent(tx: Tx, event: NewEvent, subscribers: readonly string[]): Promise<void> {
  await tx.run(
    `insert into outbox (event_id, subscriber, topic, aggregate_id, payload)
     select $1, subscriber, $3, $4, $5 from unnest($2::text[]) as subscriber`,
    [event.eventId, subscribers, event.topic, event.aggregateId, event.payload],
  );
}

/** True when some event may be due: the cheap question of a relay that holds no lease. */
export async function hasUndelivered(db: Database, subscriber: string): Promise<boolean> {
  const due = await db.row(
    "select 1 from outbox where subscriber = $1 and dead_at is null and next_attempt_at <= now() limit 1",
    [subscriber],
  );
  return due !== undefined;
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
export async function endLease(db: Database, subscriber: string, owner: string): Promise<void> {
  await db.run("delete from outbox_relays where subscriber = $1 and owner = $2", [subscriber, owner]);
}

/** What may be sent now, oldest first: never an event whose aggregate has an earlier one waiting for its next try. */
export async function listUndelivered(db: Database, subscriber: string, limit: number): Promise<OutboxRow[]> {
  return await db.rows<OutboxRow>(
    `select sequence, event_id as "eventId", topic, aggregate_id as "aggregateId", payload::text as payload,
       occurred_at as "occurredAt", attempts
     from outbox o
     where subscriber = $1 and dead_at is null and next_attempt_at <= now()
       and not exists (select 1 from outbox earlier where earlier.subscriber = $1 and earlier.dead_at is null
         and earlier.attempts > 0 and earlier.aggregate_id = o.aggregate_id and earlier.sequence < o.sequence
         and earlier.next_attempt_at > now())
     order by sequence limit $2`,
    [subscriber, limit],
  );
}

export async function deleteDelivered(db: Database, sequences: readonly bigint[]): Promise<void> {
  if (sequences.length > 0) await db.run("delete from outbox where sequence = any($1)", [sequences]);
}

export async function recordFailure(
  db: Database,
  row: OutboxRow,
  failure: { message: string; delaySeconds: number; isDead: boolean },
): Promise<void> {
  await db.run(
    `update outbox set attempts = attempts + 1, last_error = $2, next_attempt_at = now() + make_interval(secs => $3),
       dead_at = case when $4 then now() end
     where sequence = $1`,
    [row.sequence, failure.message.slice(0, 500), failure.delaySeconds, failure.isDead],
  );
}

/** Age of the oldest event that is still to be delivered, and how many were set aside. */
export async function outboxState(
  db: Database,
  subscriber: string,
): Promise<{ lagSeconds: number; dead: number }> {
  const state = await db.row<{ lagSeconds: number; dead: number }>(
    `select coalesce(extract(epoch from now() - (select occurred_at from outbox where subscriber = $1 and dead_at is null
         order by sequence limit 1)), 0)::float8 as "lagSeconds",
       (select count(*) from outbox where subscriber = $1 and dead_at is not null)::int as dead`,
    [subscriber],
  );
  return state ?? { lagSeconds: 0, dead: 0 };
}
