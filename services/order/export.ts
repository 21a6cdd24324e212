import type { Database } from "#platform/database/db.ts";
import { inSnapshot } from "#platform/database/snapshot.ts";
import { toRow } from "#platform/kit/csv.ts";
import { formatDecimal } from "#platform/kit/money.ts";
import { exportedPages } from "./export-store.ts";
import { netMinorOf, type Order, type OrderItem } from "./order.ts";

/**
 * Hands on all orders as they are at this moment, a page of them at a time; `write` says when it can take more. Returns how many there
 * were.
 */
export async function exportOrders(
  db: Database,
  text: (order: Order) => string,
  write: (text: string) => Promise<void>,
  onProgress: (count: number) => void,
): Promise<number> {
  return await inSnapshot(db, async (tx) => {
    let count = 0;
    for await (const page of exportedPages(tx)) {
      await write(page.map(text).join(""));
      count += page.length;
      onProgress(count);
    }
    return count;
  });
}

export const orderHead = toRow([
  ...["orderNumber", "createdAt", "status", "email", "currency"],
  ...["subtotal", "discount", "shippingCost", "tax", "totalAmount", "refundedAmount", "netAmount"],
  ...["paymentStatus", "shippingMethod", "trackingNumber"],
  ...["fullName", "line1", "line2", "city", "region", "postalCode", "country"],
  ...["item", "productCode", "product", "quantity", "price", "itemSubtotal"],
]);

/** A row for each item. Amounts of the whole order stand on its first row only, so that a column can be summed. */
export function orderRows(order: Order): string {
  return order.items.map((item, index) => orderRow(order, item, index)).join("");
}

function orderRow(order: Order, item: OrderItem, index: number): string {
  const amount = (minor: bigint) => formatDecimal({ minor, currencyCode: order.currency });
  const amounts = [
    ...[order.subtotalMinor, order.discountMinor, order.shippingMinor, order.taxMinor],
    ...[order.totalMinor, order.refundedMinor, netMinorOf(order)],
  ];
  const address = order.shippingAddress;
  return toRow([
    ...[order.orderNumber, order.createdAt.toISOString(), order.status, order.email, order.currency],
    ...amounts.map((minor) => (index === 0 ? amount(minor) : "")),
    ...[order.paymentStatus, order.shippingMethodCode, order.trackingNumber ?? ""],
    ...[address.fullName, address.line1, address.line2, address.city, address.region],
    ...[address.postalCode, address.country],
    ...[String(index + 1), item.productCode, item.name, String(item.quantity)],
    ...[amount(item.priceMinor), amount(item.subtotalMinor)],
  ]);
}
