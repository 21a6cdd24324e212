// The outbox of a service: to whom the list says its events go, and the broker of the shop.
import type { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import type { Database } from "#platform/database/db.ts";
import { Outbox } from "#platform/database/outbox.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { brokerPort, kitPortsOf } from "./broker.ts";
import type { Clock } from "./clock.ts";
import type { Environment } from "./config.ts";
import type { ExtensionDefinition } from "./extension.ts";
import { extensionKit } from "./extension-kit.ts";
import { listenersOf, type Hears } from "./hearing.ts";
import type { AnyService, ShopFacts } from "./service.ts";

export interface OpenOutboxOptions {
  readonly definition: AnyService;
  readonly db: Database | undefined;
  readonly hears: Hears;
  readonly extensions: readonly ExtensionDefinition[];
  readonly environment: Environment;
  readonly config: { readonly STOA_DATA: string };
  readonly clock: Clock;
  readonly log: Logger;
  readonly shop: ShopFacts;
  /** The way to a listener. */
  readonly inbox: (listener: string) => Client<typeof EventInboxService>;
}

/** Opens it. Throws a StartError when EVENTS_URL says something that nothing answers. */
export async function openOutbox(options: OpenOutboxOptions): Promise<Outbox> {
  const { definition, hears, extensions, environment, clock, log, shop, inbox } = options;
  const { name, emits = [] } = definition;
  // A service without a database emits nothing; that is checked where it matters.
  const db = options.db as Database;
  const { provider } = extensionKit({
    definition,
    extensions,
    environment,
    kit: { name, db, clock, log, shop },
    dataFolder: options.config.STOA_DATA,
  });
  const hasBroker = options.db !== undefined && kitPortsOf(definition).length > 0;
  const broker = hasBroker ? await provider(brokerPort, undefined) : undefined;
  const subscribers = listenersOf(definition, hears).map((listener) => ({
    name: listener.name,
    hears: listener.topics,
    inbox: inbox(listener.name),
  }));
  return new Outbox({ service: name, db, clock, log, emits, subscribers, broker });
}
