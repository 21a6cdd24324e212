// Events, sending side: written in the transaction of the change they tell of, delivered afterwards until they arrive.
import { create, toJson, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import type { Broker } from "#platform/kit/broker.ts";
import { pause, type Clock } from "#platform/kit/clock.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { taskAttempts } from "#platform/telemetry/metrics.ts";
import { traceparentOf } from "#platform/telemetry/trace.ts";
import { Bell } from "./bell.ts";
import type { Database, Tx } from "./db.ts";
import { toBroker, toSubscriber, type Arrival, type Destination, type Subscriber } from "./destinations.ts";
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

export interface OutboxOptions {
  readonly service: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** The events that the service's door lists. */
  readonly emits: readonly DescMessage[];
  readonly subscribers: readonly Subscriber[];
  /** Hears everything; absent where the shop has none. */
  readonly broker?: Broker | undefined;
}

const batchSize = { fresh: 100, again: 20 };
/** Well below what a gRPC message may hold. */
const batchCharactersMax = 1_000_000;
const idlePauseMs = 500;
const outagePauseMaxMs = 4_000;

/** What the relay remembers of one destination. */
interface Lane {
  readonly to: Destination;
  readonly bell: Bell;
  /** On the monotonic clock. */
  leaseUntilMs: number;
  /** Deliveries in a row that did not arrive at all. */
  outages: number;
  /** The last batch was refused as a whole. That there is nothing to deliver until its next try is no sign of recovery. */
  isAway: boolean;
}

/**
 * Guarantees: an event is sent if and only if its transaction committed; at least once to each subscriber that hears its topic, and
 * to the broker of the shop; in order within one aggregate, as long as its writers lock the aggregate before they emit. A poisoned
 * event holds up only its own aggregate, and only until it is given up; whoever is away loses nothing and is in nobody's way. What
 * waits are tasks named deliver-to-<subscriber> and deliver-to-broker, done in batches.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #owner = newId();
  readonly #topics: ReadonlySet<string>;
  readonly #lanes: readonly Lane[];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#topics = new Set(options.emits.map((schema) => eventKind(schema).topic));
    const { service, broker } = options;
    const destinations = [
      ...options.subscribers.map((subscriber) => toSubscriber(service, subscriber)),
      ...(broker ? [toBroker({ ...options, broker })] : []),
    ];
    this.#lanes = destinations.map((to) => ({
      to,
      bell: new Bell(),
      leaseUntilMs: 0,
      outages: 0,
      isAway: false,
    }));
  }

  /** The names of the tasks it writes. */
  get taskNames(): string[] {
    return this.#lanes.map(({ to }) => deliveryTo(to.name));
  }

  /**
   * Writes the event for everyone that hears it, as part of `tx` and in one statement; for none it writes nothing. Throws when the door does
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
    const lanes = this.#lanes.filter(({ to }) => to.takes(topic));
    if (lanes.length === 0) return;
    const payload = toJson(schema, create(schema, event.payload));
    const content = JSON.stringify({ topic, version, payload });
    if (content.length > batchCharactersMax)
      throw new Error(`The ${topic} event is too large to be delivered: ${content.length} characters.`);
    const traceparent = cause.trace ? traceparentOf(cause.trace) : null;
    await insertEvent(
      tx,
      { eventId: newId(), aggregateId: event.aggregateId, content, traceparent },
      lanes.map(({ to }) => to.name),
    );
    tx.onCommit(() => {
      for (const lane of lanes) lane.bell.ring();
    });
  }

  /** Delivers until `signal` aborts; one process at a time for each destination. */
  async relay(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => this.#relayTo(lane, signal)));
  }

  /** Lets go of whatever the destinations hold. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map(({ to }) => to.close()));
  }

  async #relayTo(lane: Lane, signal: AbortSignal): Promise<void> {
    const { db, clock } = this.#options;
    while (!signal.aborted) {
      const hasProgressed = await this.#attempt(lane, signal);
      if (!hasProgressed) await rest(lane, clock, signal);
    }
    // Without this the next process waits for the lease to end; when the database is away, that is what happens.
    if (lane.leaseUntilMs > 0) await endLease(db, lane.to.name, this.#owner).catch(() => undefined);
  }

  /** True when it is worth looking again at once. */
  async #attempt(lane: Lane, signal: AbortSignal): Promise<boolean> {
    const { log } = this.#options;
    const subscriber = lane.to.name;
    try {
      const hasProgressed = (await this.#mayRelay(lane)) && (await this.#deliverBatch(lane, signal));
      if (lane.isAway) return hasProgressed;
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
    const { name, leaseMs, leaseRestMs } = lane.to;
    if (lane.leaseUntilMs - nowMs > leaseRestMs) return true;
    if (!(await hasUndelivered(db, name))) return false;
    const isOurs = await holdLease(db, name, this.#owner, leaseMs / 1000);
    if (!isOurs) return false;
    lane.leaseUntilMs = nowMs + leaseMs;
    await moveLeftBehind(db, name);
    return true;
  }

  /** True when events left the outbox, or one came closer to being set aside. Throws when whoever should take them is away. */
  async #deliverBatch(lane: Lane, signal: AbortSignal): Promise<boolean> {
    const rows = fitting(await listUndelivered(this.#options.db, lane.to.name, batchSize));
    if (rows.length === 0) return false;
    const arrival = await lane.to.deliver(rows, signal);
    await failpoint("outbox.before-settle");
    const hasProgressed = await this.#settle(lane.to, rows, arrival);
    lane.isAway = arrival.isAway;
    if (arrival.isAway)
      throw new Error(`None of ${rows.length} events was taken: ${arrival.failures[0]?.message ?? ""}`);
    return hasProgressed;
  }

  async #settle(to: Destination, rows: readonly Delivery[], arrival: Arrival): Promise<boolean> {
    const { db, service } = this.#options;
    const { arrived, failures } = arrival;
    await deleteDelivered(db, to.name, arrived);
    if (arrived.length > 0)
      taskAttempts.inc({ service, name: deliveryTo(to.name), outcome: "done" }, arrived.length);
    for (const { eventId, message } of failures) {
      const row = rows.find((one) => one.eventId === eventId);
      if (row) await this.#fail(to, row, message);
    }
    return arrived.length + failures.length > 0;
  }

  async #fail({ name, policy }: Destination, row: Delivery, message: string): Promise<void> {
    const { db, service, log } = this.#options;
    const attempts = row.attempts + 1;
    const isDead = isGivenUp(policy, attempts);
    const delaySeconds = retryDelaySeconds(policy, attempts);
    await recordFailure(db, name, row.eventId, { message, delaySeconds, isDead });
    taskAttempts.inc({ service, name: deliveryTo(name), outcome: isDead ? "dead" : "failed" });
    const { topic, eventId, aggregateId } = row;
    if (isDead)
      log.error(
        { service, subscriber: name, topic, eventId, aggregateId, reason: message },
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
