// Events as their contracts describe them: topic and version stand in the message's options, and nowhere else.
import {
  fromJsonString,
  getOption,
  hasOption,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import { event as eventOption } from "#gen/stoa/platform/v1/event_options_pb.js";
import type { Event } from "#gen/stoa/platform/v1/events_pb.js";
import type { Tx } from "./db.ts";
import type { Cause } from "./tasks.ts";

/** What the contract says of an event. */
export interface EventKind {
  /** noun.past-verb */
  readonly topic: string;
  readonly version: number;
}

const kinds = new Map<string, EventKind>();

/** Topic and version of an event's message. Throws for a message that is no event. */
export function eventKind(schema: DescMessage): EventKind {
  const known = kinds.get(schema.typeName);
  if (known) return known;
  if (!hasOption(schema, eventOption))
    throw new Error(
      `${schema.typeName} is no event. Give it option (stoa.platform.v1.event) in its contract.`,
    );
  const { topic, version } = getOption(schema, eventOption);
  const kind = { topic, version };
  kinds.set(schema.typeName, kind);
  return kind;
}

/** An event that was heard: whose it is, when it happened, and the trace of the request that caused it. */
export interface HeardEvent extends Cause {
  /** The same however often it is delivered. */
  readonly id: string;
  readonly topic: string;
  readonly aggregateId: string;
}

/** What a service does about one topic. */
export interface EventHandler extends EventKind {
  apply(tx: Tx, event: Event, heard: HeardEvent): Promise<void>;
}

/**
 * What to do about an event, typed by its contract. `apply` runs in the transaction that notes the event, so its effect happens
 * once. It reads messages of its own version and of earlier ones; a later version than it knows is refused and waits.
 */
export function onEvent<Payload extends DescMessage>(
  schema: Payload,
  apply: (tx: Tx, payload: MessageShape<Payload>, event: HeardEvent) => Promise<void>,
): EventHandler {
  const kind = eventKind(schema);
  return {
    ...kind,
    apply: async (tx, event, heard) => {
      if (event.version > kind.version)
        throw new Error(
          `${kind.topic} arrived in version ${event.version}, and this release knows only version ${kind.version}.`,
        );
      await apply(tx, fromJsonString(schema, event.payloadJson, { ignoreUnknownFields: true }), heard);
    },
  };
}
