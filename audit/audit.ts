// Reconciliation: every rule about money, stock and orders, checked on the books of all services and of the payment provider.
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import { Auditor, type Finding } from "./auditor.ts";
import type { AuditScope, Books, Invariant, Part } from "./invariant.ts";
import { activityPart } from "./parts/activity.ts";
import { orderPart } from "./parts/orders.ts";
import { paymentPart } from "./parts/payments.ts";
import { stockLedgerPart, stockPart } from "./parts/stock.ts";
import { waitingRules } from "./parts/waiting.ts";

export const parts: readonly Part[] = [stockPart, stockLedgerPart, orderPart, paymentPart, activityPart];

export const invariants: readonly Invariant[] = [
  ...parts.flatMap((part) => part.invariants),
  ...waitingRules,
];

/** A piece of everything in each look: with a look every five minutes, a million orders are walked in under two days. */
const pieceMaxDefault = 2_000;

/** An auditor of these books, with nothing looked at yet. */
export function openAuditor(
  books: Books,
  { scope, clock, pieceMax = pieceMaxDefault }: { scope: AuditScope; clock: Clock; pieceMax?: number },
): Auditor {
  return new Auditor({ books, parts, waiting: waitingRules, scope, clock, pieceMax });
}

/** Checks everything once. */
export async function audit(
  books: Books,
  scope: AuditScope,
  clock: Clock,
  onProgress: (part: string, count: number) => void = () => undefined,
): Promise<Finding[]> {
  return await openAuditor(books, { scope, clock }).lookAtEverything(onProgress);
}

/** The books of the services with these databases. Throws a plain Error for a service without one. */
export function booksOf(databases: ReadonlyMap<string, Database>): Books {
  return {
    services: [...databases.keys()],
    rows: async (service, text, values = []) => {
      const db = databases.get(service);
      if (!db) throw new Error(`The audit needs the database of the ${service} service.`);
      return await db.rows(text, values);
    },
  };
}
