// Holds what buyers were told against what is there in the end. Knows three answers: yes, no, and none.
import type { Lab } from "./lab.ts";
import type { Attempt } from "./buyer.ts";

interface LiveOrder {
  readonly id: string;
  readonly userId: string;
  readonly status: string;
}

/**
 * One line for each contradiction: an acknowledged order that is not there, an order nobody was promised, two orders for one
 * purchase. An unknown answer may have become an order or not; both are right, two orders are not.
 */
export async function contradictions(
  lab: Pick<Lab, "databases">,
  attempts: readonly Attempt[],
): Promise<string[]> {
  const users = attempts.map(({ userId }) => userId);
  const orders =
    (await lab.databases
      .get("order")
      ?.rows<LiveOrder>(
        `select id, user_id as "userId", status from orders where user_id = any($1) and abandoned_at is null`,
        [users],
      )) ?? [];
  return compareHistory(attempts, orders);
}

export function compareHistory(attempts: readonly Attempt[], orders: readonly LiveOrder[]): string[] {
  const faults: string[] = [];
  const ordersById = new Map(orders.map((order) => [order.id, order]));
  for (const [userId, own] of groupBy(attempts, ({ userId }) => userId)) {
    const promised = new Set(
      own.flatMap(({ answer }) => (answer.kind === "acknowledged" ? [answer.orderId] : [])),
    );
    const hasUnknown = own.some(({ answer }) => answer.kind === "unknown");
    const found = orders.filter((order) => order.userId === userId);
    for (const id of promised)
      if (!ordersById.has(id)) faults.push(`order ${id} was acknowledged and is lost`);
    for (const { id } of found) {
      if (!promised.has(id) && !hasUnknown)
        faults.push(`order ${id} exists, and its buyer was told otherwise`);
    }
    // Every buyer of a test buys one cart, whatever the number of requests.
    if (found.length > 1) faults.push(`buyer ${userId} has ${found.length} orders for one purchase`);
  }
  return faults;
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}
