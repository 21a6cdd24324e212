// Events, sending side: written in the transaction of the change they tell of, delivered afterwards until they arrive.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { EventFailure, EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { pause, type Clock } from "#platform/kit/clock.ts";
import type { Database, Tx } from "./db.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { outboxDead, outboxLagSeconds } from "#platform/telemetry/metrics.ts";
import {
  deleteDelivered,
  endLease,
  hasUndelivered,
  holdLease,
  insertEvent,
  listUndelivered,
  outboxState,
  recordFailure,
  type OutboxRow,
} from "./outbox-store.ts";
import type { Client } from "#platform/rpc/contract.ts";

export interface OutgoingEvent {
  /** noun.past-verb */
  readonly topic: string;
  readonly aggregateId: string;
  /** The topic's payload message as protobuf JSON. */
  readonly payload: unknown;
}

/** Where an event goes, and how. */
export interface Subscriber {
  readonly name: string;
  readonly inbox: Client<typeof EventInboxService>;
}

export interface OutboxOptions {
  readonly service: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly subscribers: readonly Subscriber[];
}

/** Deliveries that fail this often set the event aside. */
const attemptsMax = 5;
const batchSize = 100;
/** Well below what a gRPC message may hold. */
const batchCharactersMax = 1_000_000;
const idlePauseMs = 500;
const outagePauseMaxMs = 4_000;
const deliveryTimeoutMs = 4_000;
const leaseMs = 5_000;
const leaseRestMs = 2_500;
const stateEveryMs = 2_000;

/** What the relay remembers of one subscriber. */
interface Lane {
  readonly subscriber: Subscriber;
  /** On the monotonic clock, like all its times. */
  leaseUntilMs: number;
  stateShownAtMs: number;
  /** Deliveries in a row that did not arrive at all. */
  outages: number;
  isWoken: boolean;
  wake: () => void;
}

/**
 * Guarantees: an event is sent if and only if its transaction committed; at least once to each subscriber; in order within
 * one aggregate, as long as its writers lock the aggregate before they emit. A poisoned event holds up only its own aggregate,
 * and only until it is set aside; a subscriber that is away loses nothing.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #owner = newId();
  readonly #lanes: Lane[];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#lanes = options.subscribers.map((subscriber) => ({
      subscriber,
      leaseUntilMs: 0,
      stateShownAtMs: Number.NEGATIVE_INFINITY,
      outages: 0,
      isWoken: false,
      wake: () => undefined,
    }));
  }

  /** Writes the event for every subscriber, as part of `tx`. Throws when the payload is too large to be delivered. */
  async emit(tx: Tx, event: OutgoingEvent): Promise<void> {
    const payload = JSON.stringify(event.payload);
    if (payload.length > batchCharactersMax)
      throw new Error(`The ${event.topic} event is too large to be delivered: ${payload.length} characters.`);
    const subscribers = this.#lanes.map(({ subscriber }) => subscriber.name);
    if (subscribers.length === 0) return;
    await insertEvent(tx, { ...event, eventId: newId(), payload }, subscribers);
    tx.onCommit(() => {
      for (const lane of this.#lanes) wake(lane);
    });
  }

  /** Delivers until `signal` aborts; one process at a time for each subscriber. */
  async relay(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => this.#relayTo(lane, signal)));
  }

  async #relayTo(lane: Lane, signal: AbortSignal): Promise<void> {
    const { db, clock } = this.#options;
    while (!signal.aborted) {
      const hasProgressed = await this.#attempt(lane);
      if (!hasProgressed) await waitFor(lane, clock, signal);
    }
    // Without this the next process waits for the lease to end; when the database is away, that is what happens.
    if (lane.leaseUntilMs > 0) await endLease(db, lane.subscriber.name, this.#owner).catch(() => undefined);
  }

  /** True when it is worth looking again at once. */
  async #attempt(lane: Lane): Promise<boolean> {
    const { log } = this.#options;
    const subscriber = lane.subscriber.name;
    try {
      await this.#showState(lane);
      const hasProgressed = (await this.#mayRelay(lane)) && (await this.#deliverBatch(lane));
      if (lane.outages > 0) log.info({ subscriber }, "Events can be delivered again.");
      lane.outages = 0;
      return hasProgressed;
    } catch (error) {
      if (lane.outages === 0)
        log.warn(
          { err: error, subscriber },
          "Events cannot be delivered; they are kept and tried again until they arrive.",
        );
      lane.outages += 1;
      return false;
    }
  }

  /** Whether this process is the one that delivers. Writes nothing while there is nothing to deliver. */
  async #mayRelay(lane: Lane): Promise<boolean> {
    const { db, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (lane.leaseUntilMs - nowMs > leaseRestMs) return true;
    const { name } = lane.subscriber;
    if (!(await hasUndelivered(db, name))) return false;
    const isOurs = await holdLease(db, name, this.#owner, leaseMs / 1000);
    if (isOurs) lane.leaseUntilMs = nowMs + leaseMs;
    return isOurs;
  }

  /** True when events left the outbox, or one came closer to being set aside. */
  async #deliverBatch({ subscriber }: Lane): Promise<boolean> {
    const { db, service } = this.#options;
    const rows = fitting(await listUndelivered(db, subscriber.name, batchSize));
    if (rows.length === 0) return false;
    const { failures } = await subscriber.inbox.deliver(
      { source: service, events: rows.map(eventOf) },
      { timeoutMs: deliveryTimeoutMs },
    );
    return await this.#settle(rows, new Map(failures.map((failure) => [failure.eventId, failure])));
  }

  async #settle(rows: readonly OutboxRow[], failures: ReadonlyMap<string, EventFailure>): Promise<boolean> {
    const delivered = rows.filter(({ eventId }) => !failures.has(eventId));
    await deleteDelivered(
      this.#options.db,
      delivered.map(({ sequence }) => sequence),
    );
    const failed = rows.filter(({ eventId }) => failures.get(eventId)?.isBlocked === false);
    for (const row of failed) await this.#fail(row, failures.get(row.eventId)?.message ?? "");
    return delivered.length + failed.length > 0;
  }

  async #fail(row: OutboxRow, message: string): Promise<void> {
    const { db, service, log } = this.#options;
    const isDead = row.attempts + 1 >= attemptsMax;
    await recordFailure(db, row, { message, delaySeconds: 0.1 * 2 ** row.attempts, isDead });
    const { topic, eventId, aggregateId } = row;
    if (isDead)
      log.error(
        { service, topic, eventId, aggregateId, reason: message },
        "An event was set aside after too many failed deliveries. Mend the cause, then set dead_at to null in outbox.",
      );
  }

  async #showState(lane: Lane): Promise<void> {
    const { db, clock, service } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - lane.stateShownAtMs < stateEveryMs) return;
    lane.stateShownAtMs = nowMs;
    const labels = { service, subscriber: lane.subscriber.name };
    const { lagSeconds, dead } = await outboxState(db, lane.subscriber.name);
    outboxLagSeconds.set(labels, lagSeconds);
    outboxDead.set(labels, dead);
  }
}

/** As many as one delivery may carry; at least one. */
function fitting(rows: readonly OutboxRow[]): readonly OutboxRow[] {
  let characters = 0;
  const end = rows.findIndex(({ payload }, index) => {
    characters += payload.length;
    return index > 0 && characters > batchCharactersMax;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

function wake(lane: Lane): void {
  lane.isWoken = true;
  // New events say nothing about whether a subscriber that was away is back.
  if (lane.outages === 0) lane.wake();
}

async function waitFor(lane: Lane, clock: Clock, signal: AbortSignal): Promise<void> {
  if (lane.isWoken && lane.outages === 0) {
    lane.isWoken = false;
    return;
  }
  const woken = new AbortController();
  const stop = () => woken.abort();
  lane.wake = stop;
  signal.addEventListener("abort", stop, { once: true });
  const pauseMs = lane.outages === 0 ? idlePauseMs : idlePauseMs * 2 ** Math.min(lane.outages - 1, 10);
  if (!signal.aborted) await pause(clock, Math.min(pauseMs, outagePauseMaxMs), woken.signal);
  signal.removeEventListener("abort", stop);
  lane.isWoken = false;
}

function eventOf(row: OutboxRow) {
  return {
    id: row.eventId,
    topic: row.topic,
    aggregateId: row.aggregateId,
    occurredAt: timestampFromDate(row.occurredAt),
    payloadJson: row.payload,
  };
}
