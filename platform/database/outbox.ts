// Events, sending side: written in the transaction of the change they tell of, delivered afterwards until they arrive.
import { create, toJson, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { EventFailure, EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { pause, type Clock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { taskAttempts } from "#platform/telemetry/metrics.ts";
import { traceparentOf } from "#platform/telemetry/trace.ts";
import { Bell } from "./bell.ts";
import type { Database, Tx } from "./db.ts";
import { eventKind } from "./events.ts";
import {
  deleteDelivered,
  deliveryTo,
  endLease,
  hasUndelivered,
  holdLease,
  insertEvent,
  listUndelivered,
  moveLeftBehind,
  recordFailure,
  type Delivery,
} from "./outbox-store.ts";
import { isGivenUp, retryDelaySeconds, type Cause } from "./tasks.ts";

export interface OutgoingEvent<Payload extends DescMessage> {
  readonly aggregateId: string;
  readonly payload: MessageInitShape<Payload>;
}

/** Where events go, which of them, and how. */
export interface Subscriber {
  readonly name: string;
  /** Topics it hears. */
  readonly hears: readonly string[];
  readonly inbox: Client<typeof EventInboxService>;
}

export interface OutboxOptions {
  readonly service: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** The events that the service's door lists. */
  readonly emits: readonly DescMessage[];
  readonly subscribers: readonly Subscriber[];
}

/** Deliveries that the listener refuses. One that does not arrive at all is no try: a subscriber that is away loses nothing. */
const policy = { firstDelaySeconds: 0.1, delayMaxSeconds: 60, attemptsMax: 5 };
const batchSize = 100;
/** Well below what a gRPC message may hold. */
const batchCharactersMax = 1_000_000;
const idlePauseMs = 500;
const outagePauseMaxMs = 4_000;
const deliveryTimeoutMs = 4_000;
const leaseMs = 5_000;
const leaseRestMs = 2_500;

/** What the relay remembers of one subscriber. */
interface Lane {
  readonly subscriber: Subscriber;
  readonly bell: Bell;
  /** On the monotonic clock. */
  leaseUntilMs: number;
  /** Deliveries in a row that did not arrive at all. */
  outages: number;
}

/**
 * Guarantees: an event is sent if and only if its transaction committed; at least once to each subscriber that hears its topic;
 * in order within one aggregate, as long as its writers lock the aggregate before they emit. A poisoned event holds up only its
 * own aggregate, and only until it is given up; a subscriber that is away loses nothing. What waits are tasks named
 * deliver-to-<subscriber>, done in batches.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #owner = newId();
  readonly #topics: ReadonlySet<string>;
  readonly #lanes: readonly Lane[];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#topics = new Set(options.emits.map((schema) => eventKind(schema).topic));
    this.#lanes = options.subscribers.map((subscriber) => ({
      subscriber,
      bell: new Bell(),
      leaseUntilMs: 0,
      outages: 0,
    }));
  }

  /** The names of the tasks it writes. */
  get taskNames(): string[] {
    return this.#lanes.map(({ subscriber }) => deliveryTo(subscriber.name));
  }

  /**
   * Writes the event for every subscriber that hears it, as part of `tx`; for none it writes nothing. Throws when the door does
   * not list the event, and when it is too large to be delivered.
   */
  async emit<Payload extends DescMessage>(
    tx: Tx,
    cause: Cause,
    schema: Payload,
    event: OutgoingEvent<Payload>,
  ): Promise<void> {
    const { topic, version } = eventKind(schema);
    if (!this.#topics.has(topic))
      throw new Error(`The ${this.#options.service} service does not list ${topic} among what it emits.`);
    const lanes = this.#lanes.filter(({ subscriber }) => subscriber.hears.includes(topic));
    if (lanes.length === 0) return;
    const payload = toJson(schema, create(schema, event.payload));
    const content = JSON.stringify({ topic, version, payload });
    if (content.length > batchCharactersMax)
      throw new Error(`The ${topic} event is too large to be delivered: ${content.length} characters.`);
    const traceparent = cause.trace ? traceparentOf(cause.trace) : null;
    await insertEvent(
      tx,
      { eventId: newId(), aggregateId: event.aggregateId, content, traceparent },
      lanes.map(({ subscriber }) => subscriber.name),
    );
    tx.onCommit(() => {
      for (const lane of lanes) lane.bell.ring();
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
      if (!hasProgressed) await rest(lane, clock, signal);
    }
    // Without this the next process waits for the lease to end; when the database is away, that is what happens.
    if (lane.leaseUntilMs > 0) await endLease(db, lane.subscriber.name, this.#owner).catch(() => undefined);
  }

  /** True when it is worth looking again at once. */
  async #attempt(lane: Lane): Promise<boolean> {
    const { log } = this.#options;
    const subscriber = lane.subscriber.name;
    try {
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
    if (!isOurs) return false;
    lane.leaseUntilMs = nowMs + leaseMs;
    await moveLeftBehind(db, name);
    return true;
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
    return await this.#settle(
      subscriber.name,
      rows,
      new Map(failures.map((failure) => [failure.eventId, failure])),
    );
  }

  async #settle(
    subscriber: string,
    rows: readonly Delivery[],
    failures: ReadonlyMap<string, EventFailure>,
  ): Promise<boolean> {
    const { db, service } = this.#options;
    const delivered = rows.filter(({ eventId }) => !failures.has(eventId)).map(({ eventId }) => eventId);
    await deleteDelivered(db, subscriber, delivered);
    if (delivered.length > 0)
      taskAttempts.inc({ service, name: deliveryTo(subscriber), outcome: "done" }, delivered.length);
    const failed = rows.filter(({ eventId }) => failures.get(eventId)?.isBlocked === false);
    for (const row of failed) await this.#fail(subscriber, row, failures.get(row.eventId)?.message ?? "");
    return delivered.length + failed.length > 0;
  }

  async #fail(subscriber: string, row: Delivery, message: string): Promise<void> {
    const { db, service, log } = this.#options;
    const attempts = row.attempts + 1;
    const isDead = isGivenUp(policy, attempts);
    const delaySeconds = retryDelaySeconds(policy, attempts);
    await recordFailure(db, subscriber, row.eventId, { message, delaySeconds, isDead });
    taskAttempts.inc({ service, name: deliveryTo(subscriber), outcome: isDead ? "dead" : "failed" });
    const { topic, eventId, aggregateId } = row;
    if (isDead)
      log.error(
        { service, subscriber, topic, eventId, aggregateId, reason: message },
        "An event was given up after too many failed deliveries. Mend the cause, then run: stoa tasks retry, with the emitter and deliver-to-<subscriber>.",
      );
  }
}

/** As many as one delivery may carry; at least one. */
function fitting(rows: readonly Delivery[]): readonly Delivery[] {
  let characters = 0;
  const end = rows.findIndex(({ payload }, index) => {
    characters += payload.length;
    return index > 0 && characters > batchCharactersMax;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** New events say nothing about whether a subscriber that was away is back. */
async function rest(lane: Lane, clock: Clock, signal: AbortSignal): Promise<void> {
  if (lane.outages === 0) return await lane.bell.wait(clock, idlePauseMs, signal);
  const pauseMs = idlePauseMs * 2 ** Math.min(lane.outages - 1, 10);
  await pause(clock, Math.min(pauseMs, outagePauseMaxMs), signal);
}

function eventOf(row: Delivery) {
  return {
    id: row.eventId,
    topic: row.topic,
    version: row.version,
    traceparent: row.traceparent ?? "",
    aggregateId: row.aggregateId,
    occurredAt: timestampFromDate(row.occurredAt),
    payloadJson: row.payload,
  };
}
