// One shop has one base currency: its data, and all its services, wherever they run, are held to it.
import { FactsService } from "#gen/stoa/platform/v1/facts_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Database } from "#platform/database/db.ts";
import { findFact, rememberFact } from "#platform/database/facts.ts";
import { bindRpcs, type BoundService, type Client } from "#platform/rpc/contract.ts";
import { appError, type AppError } from "./errors.ts";
import { StartError } from "./start-error.ts";

const currencyFact = "base_currency";

/**
 * Refuses with a StartError a base currency other than the one that any of these databases was made in, before any of them is
 * told; then each remembers it for ever.
 */
export async function holdToCurrency(
  databases: ReadonlyMap<string, Database>,
  currency: string,
): Promise<void> {
  for (const [service, db] of databases) requireSame(service, await findFact(db, currencyFact), currency);
  for (const [service, db] of databases)
    requireSame(service, await rememberFact(db, currencyFact, currency), currency);
}

function requireSame(service: string, made: string | undefined, currency: string): void {
  if (made === undefined || made === currency) return;
  throw new StartError(
    `The data of the ${service} service was made in a shop whose base currency is ${made}, but SHOP_CURRENCY is ${currency}. Amounts are kept as they are and never converted, so set SHOP_CURRENCY=${made}, or begin with an empty data folder or database.`,
  );
}

/** What a service answers a call from a process with another base currency: an amount of one would be a wrong one of the other. */
export function shopDisagrees(sides: {
  readonly service: string;
  readonly currency: string;
  readonly theirs: string;
}): AppError {
  const { service, currency, theirs } = sides;
  return appError("unavailable", "SHOP_DISAGREES", {
    publicMessage: `The base currency of the ${service} service is ${currency}, but that of its caller is ${theirs}. Set SHOP_CURRENCY to the same for all services.`,
  });
}

/** What a service answers when another one asks whether they belong to the same shop. */
export function bindFacts(currency: string): BoundService {
  return bindRpcs(FactsService, undefined, {
    getFacts: (_, _request, call) => {
      requireService(call);
      return Promise.resolve({ currency });
    },
  });
}

/** A service elsewhere that one here calls. */
export interface Neighbour {
  readonly caller: string;
  readonly service: string;
  readonly client: Client<typeof FactsService>;
}

const askTimeoutMs = 1_000;

/**
 * Asks neighbours for their base currency. Throws a StartError that names both when one has another. A neighbour that does not
 * answer now is passed over: every later call between them says the currency too, and is refused where it differs.
 */
export async function requireAgreement(neighbours: readonly Neighbour[], currency: string): Promise<void> {
  const answers = await Promise.all(
    neighbours.map(async ({ caller, service, client }) => {
      const answer = await client.getFacts({}, { timeoutMs: askTimeoutMs }).catch(() => undefined);
      return { caller, service, theirs: answer?.currency ?? currency };
    }),
  );
  for (const { caller, service, theirs } of answers) {
    if (theirs === currency) continue;
    throw new StartError(
      `The ${service} service has the base currency ${theirs}, but the ${caller} service, which calls it, has ${currency}. One shop has one: set SHOP_CURRENCY to the same for all services.`,
    );
  }
}
