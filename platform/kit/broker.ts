// The event broker port: where every event of the shop goes besides the services that hear it. docs/decisions/0027-a-broker-hears-everything.md
import { setting } from "./config.ts";
import { definePort, type PortEntry } from "./extension.ts";
import type { AnyService } from "./service.ts";
import { StartError } from "./start-error.ts";

/** An event on its way out of the shop, with the attributes of CloudEvents 1.0. */
export interface PublishedEvent {
  /** The same however often it is published: by it receivers know what they have had. */
  readonly id: string;
  /** `/stoa/<service>` */
  readonly source: string;
  /** Topic and version, such as `order.placed.v1`. */
  readonly type: string;
  /** The aggregate, such as the id of an order: events of one subject stay in their order. */
  readonly subject: string;
  readonly time: Date;
  /** Of the request that caused it (W3C trace context). */
  readonly traceparent: string | undefined;
  /** `proto:` and the full name of the message; undefined for one that this release no longer knows. */
  readonly dataSchema: string | undefined;
  /** The message as protobuf JSON. */
  readonly dataJson: string;
}

/** What came of a batch. Events that are in neither list were not tried, or nobody knows: they are published again. */
export interface Publication {
  /** Ids of what the broker holds for good. */
  readonly confirmed: readonly string[];
  /** What it did not take. Each is tried again later, and until then no later event of its subject. */
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Whatever takes events from us. Waiting, repeats and backoff are the outbox's: an implementation tries once. It publishes an
 * event only after all earlier ones of its subject are confirmed, or over a way that keeps their order. When it rejects, nothing is
 * known and the whole batch is published again. `signal` ends a batch that takes too long, and one whose process ends.
 */
export interface Broker {
  publish(events: readonly PublishedEvent[], signal: AbortSignal): Promise<Publication>;
  /** May be repeated. */
  close(): Promise<void>;
}

/**
 * Undefined is an answer too: there is no broker, and nothing is written for one. `create` connects to nobody, because commands open
 * services too: the first `publish` does.
 */
export const brokerPort = definePort<Broker | undefined>("event-broker");

/** As whom the outbox knows it, among the services that hear events: none of them may be called so. */
export const brokerName = "broker";

/** Where events go. It may hold a password. */
export const eventsUrl = setting.hiddenText({
  doc: "Where every event of the shop goes besides the services that hear it; its scheme chooses the port's answer. http:// or https:// posts each as a CloudEvents document, amqp:// or amqps:// publishes each to an exchange; empty for nowhere.",
});

const brokerEntry: PortEntry = {
  port: brokerPort,
  setting: "EVENTS_URL",
  declared: eventsUrl,
  nameIn: schemeOf,
  doc: "Where every event of the shop goes, by the scheme of the URL.",
  default: "none",
  own: {
    none: async () => (await import("./http-broker.ts")).noBroker,
    http: async () => (await import("./http-broker.ts")).httpBroker,
    https: async () => (await import("./http-broker.ts")).httpBroker,
    amqp: async () => (await import("./amqp-broker.ts")).amqpBroker,
    amqps: async () => (await import("./amqp-broker.ts")).amqpBroker,
  },
};

/** The ports that a service has because of what it is, and not by its door: whoever emits events publishes them. */
export function kitPortsOf({ emits = [] }: Pick<AnyService, "emits">): readonly PortEntry[] {
  return emits.length > 0 ? [brokerEntry] : [];
}

function schemeOf(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/./i.exec(text)?.[1];
  if (scheme === undefined || !URL.canParse(text))
    throw new StartError("EVENTS_URL must be a URL such as https://events.example.com/shop, or be empty.");
  return scheme.toLowerCase();
}

/** The event as one JSON document, as CloudEvents' structured mode has it (media type application/cloudevents+json). */
export function cloudEventText(event: PublishedEvent): string {
  const { id, source, type, subject, time, traceparent, dataSchema, dataJson } = event;
  const attributes = JSON.stringify({
    specversion: "1.0",
    id,
    source,
    type,
    subject,
    time: time.toISOString(),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(dataSchema === undefined ? {} : { dataschema: dataSchema }),
    datacontenttype: "application/json",
  });
  return `${attributes.slice(0, -1)},"data":${dataJson}}`;
}
