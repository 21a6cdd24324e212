import { requireOwner, requireUser } from "#platform/auth/guards.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { Queryable } from "#platform/database/db.ts";
import { refusal } from "./errors.ts";
import { parseOrderNumber, type Order } from "./order.ts";
import { findOrder, findOrderByNumber } from "./store.ts";

/** The order with this id or number if the caller may see it. Someone else's, a hidden one and none are all the same refusal. */
export async function getVisibleOrder(
  ctx: { readonly db: Queryable },
  reference: string,
  call: Call,
): Promise<Order> {
  if (call.service === undefined) requireUser(call);
  const order = await findByReference(ctx, reference);
  if (!order || order.isAbandoned) throw refusal("ORDER_NOT_FOUND");
  requireOwner(call, order.userId, () => refusal("ORDER_NOT_FOUND"));
  return order;
}

async function findByReference(
  { db }: { readonly db: Queryable },
  reference: string,
): Promise<Order | undefined> {
  if (isUuid(reference)) return await findOrder(db, reference);
  const orderNumber = parseOrderNumber(reference);
  return orderNumber === undefined ? undefined : await findOrderByNumber(db, orderNumber);
}
