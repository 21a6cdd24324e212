import type { Queryable } from "#platform/database/db.ts";
import type { Order, OrderStatus } from "./order.ts";
import { orderColumns, orderOf } from "./store.ts";

export interface OrderFilter {
  readonly userId?: string | undefined;
  readonly status?: OrderStatus | undefined;
  readonly email?: string | undefined;
  readonly createdFrom?: Date | undefined;
  readonly createdUntil?: Date | undefined;
}

/** The place after which a page begins. */
export interface OrderPlace {
  readonly createdAt: Date;
  readonly id: string;
}

/** Only filters that are set stand in the text, so that each combination is planned for the index that fits it. */
function conditions(filter: OrderFilter, after?: OrderPlace) {
  const values: unknown[] = [];
  const clauses = ["o.abandoned_at is null"];
  const add = (value: unknown, clause: (parameter: string) => string) => {
    if (value !== undefined) clauses.push(clause(`$${values.push(value)}`));
  };
  add(filter.userId, (p) => `o.user_id = ${p}`);
  add(filter.status, (p) => `o.status = ${p}`);
  add(filter.email, (p) => `lower(o.email) = lower(${p})`);
  add(filter.createdFrom, (p) => `o.created_at >= ${p}`);
  add(filter.createdUntil, (p) => `o.created_at < ${p}`);
  if (after) {
    values.push(after.createdAt, after.id);
    clauses.push(`(o.created_at, o.id) < ($${values.length - 1}, $${values.length})`);
  }
  return { where: clauses.join(" and "), values };
}

/** Newest first. */
export async function listOrders(
  db: Queryable,
  filter: OrderFilter,
  limit: number,
  after?: OrderPlace,
): Promise<Order[]> {
  const { where, values } = conditions(filter, after);
  const rows = await db.rows<Parameters<typeof orderOf>[0]>(
    `select ${orderColumns} from orders o where ${where} order by o.created_at desc, o.id desc limit $${values.length + 1}`,
    [...values, limit],
  );
  return rows.map(orderOf);
}

export async function countOrders(db: Queryable, filter: OrderFilter): Promise<bigint> {
  const { where, values } = conditions(filter);
  const row = await db.row<{ total: bigint }>(
    `select count(*) as total from orders o where ${where}`,
    values,
  );
  return row?.total ?? 0n;
}
