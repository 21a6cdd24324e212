import { byKey, sqlInvariant, type Books, type Invariant } from "../invariant.ts";
import { settledCheckouts } from "./settled.ts";

interface Sold {
  readonly variantId: string;
  readonly quantity: bigint;
}

/** What the catalogue says was sold for orders, against what the orders say. Compared order by order and variant by variant. */
async function findSoldUnlikeOrdered(books: Books, restSeconds: number): Promise<string[]> {
  const settled = await settledCheckouts(books, restSeconds);
  const ids = settled.map(({ id }) => id);
  const [sold, ordered] = await Promise.all([
    books.rows<Sold & { orderId: string }>(
      "catalog",
      `select r.id as "orderId", l.variant_id as "variantId", l.quantity
       from stock_reservations r join stock_reservation_lines l on l.reservation_id = r.id
       where r.status = 'committed' and r.id = any($1)`,
      [ids],
    ),
    books.rows<Sold & { orderId: string }>(
      "order",
      `select i.order_id as "orderId", i.variant_id as "variantId", sum(i.quantity)::bigint as quantity
       from orders o join order_items i on i.order_id = o.id
       where o.abandoned_at is null and o.status <> 'cancelled' and o.id = any($1::uuid[]) group by 1, 2`,
      [ids],
    ),
  ]);
  const lineKey = ({ orderId, variantId }: { orderId: string; variantId: string }) =>
    `${orderId} ${variantId}`;
  const soldByKey = byKey(sold, lineKey);
  const orderedByKey = byKey(ordered, lineKey);
  const keys = new Set([...soldByKey.keys(), ...orderedByKey.keys()]);
  return [...keys]
    .filter((key) => soldByKey.get(key)?.quantity !== orderedByKey.get(key)?.quantity)
    .map((key) => {
      const [order, variant] = key.split(" ");
      const [sale, want] = [soldByKey.get(key)?.quantity ?? 0n, orderedByKey.get(key)?.quantity ?? 0n];
      return `order ${order} wants ${want} of variant ${variant}, and ${sale} were sold for it`;
    });
}

export const stockInvariants: readonly Invariant[] = [
  sqlInvariant(
    "stock-ledger",
    "catalog",
    "Stock on hand is the sum of its ledger, in every snapshot.",
    `select format('variant %s has %s on hand, its ledger says %s', s.variant_id, s.on_hand, coalesce(l.sum, 0)) as broken
     from stock s left join (select variant_id, sum(change) as sum from stock_ledger group by 1) l using (variant_id)
     where s.on_hand <> coalesce(l.sum, 0)`,
  ),
  sqlInvariant(
    "stock-bounds",
    "catalog",
    "Stock is never negative and never more is reserved than is there.",
    `select format('variant %s has %s on hand and %s reserved', variant_id, on_hand, reserved) as broken
     from stock where on_hand < 0 or reserved < 0 or reserved > on_hand`,
  ),
  sqlInvariant(
    "stock-reserved",
    "catalog",
    "What is reserved is the sum of the holds that have not ended.",
    `select format('variant %s has %s reserved, its holds add up to %s', s.variant_id, s.reserved, coalesce(h.sum, 0)) as broken
     from stock s left join (
       select l.variant_id, sum(l.quantity) as sum from stock_reservation_lines l
       join stock_reservations r on r.id = l.reservation_id where r.status = 'held' group by 1) h using (variant_id)
     where s.reserved <> coalesce(h.sum, 0)`,
  ),
  {
    id: "stock-sold",
    sentence: "For every settled order, what was sold is what was ordered; for every other, nothing was.",
    find: async (books, { restSeconds }) => await findSoldUnlikeOrdered(books, restSeconds),
  },
];
