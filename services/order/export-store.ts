import type { Tx } from "#platform/database/db.ts";
import type { Order } from "./order.ts";
import { orderColumns, orderOf } from "./store.ts";

const pageSize = 500;

/** All orders, the oldest first, a page at a time; those that were never placed are none. */
export async function* exportedPages(tx: Tx): AsyncGenerator<Order[]> {
  let after: Pick<Order, "createdAt" | "id"> | undefined;
  for (;;) {
    const place = after ? " and (o.created_at, o.id) > ($2, $3::uuid)" : "";
    const rows = await tx.rows<Parameters<typeof orderOf>[0]>(
      `select ${orderColumns} from orders o where o.abandoned_at is null${place} order by o.created_at, o.id limit $1`,
      [pageSize, ...(after ? [after.createdAt, after.id] : [])],
    );
    if (rows.length > 0) yield rows.map(orderOf);
    after = rows.at(-1);
    if (rows.length < pageSize) return;
  }
}
