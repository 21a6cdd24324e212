// Events, sending side: written in the transaction of the change they tell of, delivered afterwards until they arrive.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { pause, type Clock } from "./clock.ts";
import type { Database, Tx } from "./db.ts";
import { newId } from "./ids.ts";
import type { Logger } from "./log.ts";
import { outboxDead, outboxLagSeconds } from "./metrics.ts";
import {
  deleteDelivered,
  holdLease,
  insertEvent,
  listUndelivered,
  outboxState,
  recordFailure,
  type OutboxRow,
} from "./outbox-store.ts";
import type { Client } from "./rpc/contract.ts";

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
const idlePauseMs = 500;
const leaseSeconds = 5;

/**
 * Guarantees: an event is sent if and only if its transaction committed; at least once to each subscriber; in order within
 * one aggregate. A poisoned event holds up only its own aggregate, and only until it is set aside.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #owner = newId();
  readonly #wakers = new Set<() => void>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Writes the event for every subscriber, as part of `tx`. */
  async emit(tx: Tx, event: OutgoingEvent): Promise<void> {
    const eventId = newId();
    for (const { name } of this.#options.subscribers)
      await insertEvent(tx, { eventId, subscriber: name, ...event });
    // Most transactions commit within this time; the relay looks again by itself if this one does not.
    this.#options.clock.after(5, () => this.#wakers.forEach((wake) => wake()));
  }

  /** Delivers until `signal` aborts; one process at a time for each subscriber. */
  async relay(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#options.subscribers.map((subscriber) => this.#relayTo(subscriber, signal)));
  }

  async #relayTo(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    const { db, clock, log } = this.#options;
    while (!signal.aborted) {
      let delivered = 0;
      try {
        if (await holdLease(db, subscriber.name, this.#owner, leaseSeconds))
          delivered = await this.#deliverBatch(subscriber);
      } catch (error) {
        log.warn(
          { err: error, subscriber: subscriber.name },
          "Events could not be delivered; they are kept and tried again.",
        );
      }
      if (delivered === 0) await this.#wait(clock, signal);
    }
  }

  /** Returns how many events left the outbox. */
  async #deliverBatch(subscriber: Subscriber): Promise<number> {
    const { db, service } = this.#options;
    const rows = await listUndelivered(db, subscriber.name, batchSize);
    await this.#showState(subscriber.name, rows.length);
    if (rows.length === 0) return 0;
    const { failures } = await subscriber.inbox.deliver(
      { source: service, events: rows.map(eventOf) },
      { timeoutMs: 4_000 },
    );
    const failed = new Map(failures.map(({ eventId, message }) => [eventId, message]));
    const delivered = rows.filter((row) => !failed.has(row.eventId));
    await deleteDelivered(
      db,
      delivered.map((row) => row.sequence),
    );
    for (const row of rows) {
      const message = failed.get(row.eventId);
      if (message !== undefined) await this.#fail(row, message);
    }
    return delivered.length;
  }

  async #fail(row: OutboxRow, message: string): Promise<void> {
    const isDead = row.attempts + 1 >= attemptsMax;
    await recordFailure(this.#options.db, row.sequence, message, 0.1 * 2 ** row.attempts, isDead);
    const { service, log } = this.#options;
    const facts = {
      service,
      topic: row.topic,
      eventId: row.eventId,
      aggregateId: row.aggregateId,
      reason: message,
    };
    if (isDead)
      log.error(
        facts,
        "An event was set aside after too many failed deliveries. Mend the cause, then set dead_at to null in outbox.",
      );
  }

  async #showState(subscriber: string, found: number): Promise<void> {
    const labels = { service: this.#options.service, subscriber };
    const state =
      found === 0 ? { lagSeconds: 0, dead: undefined } : await outboxState(this.#options.db, subscriber);
    outboxLagSeconds.set(labels, state.lagSeconds);
    if (state.dead !== undefined) outboxDead.set(labels, state.dead);
  }

  async #wait(clock: Clock, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    this.#wakers.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    if (!signal.aborted) await pause(clock, idlePauseMs, woken.signal);
    signal.removeEventListener("abort", wake);
    this.#wakers.delete(wake);
  }
}

function eventOf(row: OutboxRow) {
  return {
    id: row.eventId,
    topic: row.topic,
    aggregateId: row.aggregateId,
    occurredAt: timestampFromDate(row.occurredAt),
    payloadJson: JSON.stringify(row.payload),
  };
}
