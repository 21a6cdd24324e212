// What the kit answers for every service: events for those that hear some, questions of operators for those with a database.
import type { Database } from "#platform/database/db.ts";
import { bindInbox } from "#platform/database/inbox.ts";
import { bindOperations } from "#platform/database/operations.ts";
import type { BoundService } from "#platform/rpc/contract.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { bindFacts } from "./agreement.ts";
import type { Clock } from "./clock.ts";
import { checkHandlers, type Hears } from "./hearing.ts";
import type { ServiceParts } from "./service.ts";

/** A service that is opening. */
export interface OpeningService {
  readonly name: string;
  readonly parts: Pick<ServiceParts, "inbox" | "underWay">;
  readonly db: Database | undefined;
  readonly hears: Hears | undefined;
  readonly currency: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Throws a StartError when its handlers are not those of the topics that the list says it hears. */
export function ownRpcs({ name, parts, db, hears, currency, clock, log }: OpeningService): BoundService[] {
  const { inbox: handlers = [], underWay } = parts;
  if (hears) checkHandlers(name, hears[name] ?? [], handlers);
  const inbox =
    handlers.length > 0
      ? [bindInbox({ service: name, db: requiredDatabase(db, name), handlers, log, clock })]
      : [];
  return [...inbox, ...(db ? [bindOperations(db, underWay)] : []), bindFacts(currency)];
}

/** The database of a service that cannot do without. */
export function requiredDatabase(db: Database | undefined, name: string): Database {
  if (!db) throw new Error(`The ${name} service has no database, but wants one.`);
  return db;
}
