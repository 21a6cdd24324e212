// Where deliveries of events go: to the inbox of a service, or to the broker of the shop.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { DescMessage } from "@bufbuild/protobuf";
import type { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { brokerName, type Broker, type PublishedEvent } from "#platform/kit/broker.ts";
import type { Clock } from "#platform/kit/clock.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { eventKind } from "./events.ts";
import type { Delivery } from "./outbox-store.ts";
import type { TaskPolicy } from "./tasks.ts";

/** A service that hears events: which topics, and the way to it. */
export interface Subscriber {
  readonly name: string;
  /** Topics it hears. */
  readonly hears: readonly string[];
  readonly inbox: Client<typeof EventInboxService>;
}

/** Somewhere that deliveries go, one batch after the other. */
export interface Destination {
  /** Names its tasks, deliver-to-<name>, and its right to relay. */
  readonly name: string;
  /** For deliveries that are refused. One that does not arrive at all is no try. */
  readonly policy: Pick<TaskPolicy, "firstDelaySeconds" | "delayMaxSeconds" | "attemptsMax">;
  /** How long a process may go on relaying, and how much of that it needs for a batch. */
  readonly leaseMs: number;
  readonly leaseRestMs: number;
  takes(topic: string): boolean;
  /** Rejects when nobody knows what arrived. `signal` ends it with the process. */
  deliver(rows: readonly Delivery[], signal: AbortSignal): Promise<Arrival>;
  close(): Promise<void>;
}

/** What came of a batch; what is in neither list waits untried. */
export interface Arrival {
  readonly arrived: readonly string[];
  readonly failures: readonly { readonly eventId: string; readonly message: string }[];
  /** Not these events are at fault but whoever should take them: the next try waits. */
  readonly isAway: boolean;
}

const deliveryTimeoutMs = 4_000;

/** A service that hears some topics. An event that it refuses five times is set aside. */
export function toSubscriber(service: string, { name, hears, inbox }: Subscriber): Destination {
  return {
    name,
    policy: { firstDelaySeconds: 0.1, delayMaxSeconds: 60, attemptsMax: 5 },
    leaseMs: 5_000,
    leaseRestMs: 2_500,
    takes: (topic) => hears.includes(topic),
    deliver: async (rows) => {
      const request = { source: service, events: rows.map(deliveredEvent) };
      const { failures } = await inbox.deliver(request, { timeoutMs: deliveryTimeoutMs });
      const untaken = new Set(failures.map(({ eventId }) => eventId));
      return {
        arrived: rows.map(({ eventId }) => eventId).filter((eventId) => !untaken.has(eventId)),
        failures: failures.filter(({ isBlocked }) => !isBlocked),
        isAway: false,
      };
    },
    close: () => Promise.resolve(),
  };
}

function deliveredEvent(row: Delivery) {
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

const publishTimeoutMs = 10_000;
/** For an implementation to end by itself when it is told to. */
const graceMs = 1_000;

export interface ToBrokerOptions {
  readonly service: string;
  readonly broker: Broker;
  /** What the service emits: the schemas of the events' data. */
  readonly emits: readonly DescMessage[];
  readonly clock: Clock;
}

/**
 * The broker of the shop: it hears everything. Whoever runs it mends it, perhaps after a night, and then nothing may be missing: no
 * event is ever set aside, and a refused one keeps the later ones of its aggregate waiting, and nothing else.
 */
export function toBroker({ service, broker, emits, clock }: ToBrokerOptions): Destination {
  const schemas = new Map(emits.map((schema) => [eventKind(schema).topic, `proto:${schema.typeName}`]));
  const published = (row: Delivery): PublishedEvent => ({
    id: row.eventId,
    source: `/stoa/${service}`,
    type: `${row.topic}.v${row.version}`,
    subject: row.aggregateId,
    time: row.occurredAt,
    traceparent: row.traceparent ?? undefined,
    dataSchema: schemas.get(row.topic),
    dataJson: row.payload,
  });
  return {
    name: brokerName,
    policy: { firstDelaySeconds: 1, delayMaxSeconds: 60, attemptsMax: "never" },
    leaseMs: 20_000,
    leaseRestMs: publishTimeoutMs + 2 * graceMs,
    takes: () => true,
    deliver: async (rows, signal) => {
      const { confirmed, failed } = await inTime(clock, signal, (ending) =>
        broker.publish(rows.map(published), ending),
      );
      const failures = failed.map(({ id, reason }) => ({ eventId: id, message: reason }));
      return { arrived: confirmed, failures, isAway: confirmed.length === 0 };
    },
    close: async () => await broker.close(),
  };
}

/** Tells `work` to end when its time is over or `signal` aborts, and waits for it not much longer. */
async function inTime<T>(
  clock: Clock,
  signal: AbortSignal,
  work: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const late = Promise.withResolvers<never>();
  const timers = [
    clock.after(publishTimeoutMs, () => over.abort()),
    clock.after(publishTimeoutMs + graceMs, () => late.reject(new Error("The broker takes too long."))),
  ];
  try {
    return await Promise.race([work(AbortSignal.any([signal, over.signal])), late.promise]);
  } finally {
    for (const timer of timers) timer.stop();
  }
}
