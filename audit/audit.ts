// Reconciliation: every rule about money, stock and orders, checked on the books of all services and of the payment provider.
import { pause, type Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { AuditScope, Books, Invariant } from "./invariant.ts";
import { eventInvariants } from "./invariants/events.ts";
import { moneyInvariants } from "./invariants/money.ts";
import { orderInvariants } from "./invariants/orders.ts";
import { orphanInvariants } from "./invariants/orphans.ts";
import { stockInvariants } from "./invariants/stock.ts";

export const invariants: readonly Invariant[] = [
  ...stockInvariants,
  ...moneyInvariants,
  ...orderInvariants,
  ...orphanInvariants,
  ...eventInvariants,
];

/** What an audit found about one invariant. */
export interface Finding {
  readonly invariant: Invariant;
  readonly violations: readonly string[];
}

/** The books of the services with these databases. Throws a plain Error for a service without one. */
export function booksOf(databases: ReadonlyMap<string, Database>): Books {
  return {
    rows: async (service, text, values = []) => {
      const db = databases.get(service);
      if (!db) throw new Error(`The audit needs the database of the ${service} service.`);
      return await db.rows(text, values);
    },
  };
}

const secondLookMs = 2_000;

/**
 * Checks everything. The books of different services are read one after another, so what moves in between can look wrong:
 * only what a second look finds again is a violation.
 */
export async function audit(books: Books, scope: AuditScope, clock: Clock): Promise<Finding[]> {
  const first = await look(books, scope);
  if (first.every(({ violations }) => violations.length === 0)) return first;
  await pause(clock, secondLookMs, new AbortController().signal);
  const second = await look(books, scope);
  return second.map(({ invariant, violations }, index) => {
    const before = new Set(first[index]?.violations);
    return { invariant, violations: violations.filter((violation) => before.has(violation)) };
  });
}

async function look(books: Books, scope: AuditScope): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const invariant of invariants) {
    findings.push({ invariant, violations: await invariant.find(books, scope) });
  }
  return findings;
}
