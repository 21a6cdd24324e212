import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { OrderSchema, RefundSchema } from "#gen/stoa/order/v1/order_pb.js";
import { netMinorOf, type HistoryEntry, type Order, type OrderRefund } from "./order.ts";

type OrderInit = MessageInitShape<typeof OrderSchema>;
type RefundInit = MessageInitShape<typeof RefundSchema>;

export function orderMessage(order: Order, history: readonly HistoryEntry[] = []): OrderInit {
  const { currency, paymentId } = order;
  const money = (minor: bigint) => ({ currencyCode: currency, minor });
  return {
    id: order.id,
    orderNumber: order.orderNumber,
    userId: order.userId,
    email: order.email,
    status: order.status,
    currencyCode: currency,
    items: order.items.map(({ priceMinor, subtotalMinor, ...item }) => ({
      ...item,
      price: money(priceMinor),
      subtotal: money(subtotalMinor),
    })),
    subtotal: money(order.subtotalMinor),
    discount: money(order.discountMinor),
    shippingCost: money(order.shippingMinor),
    tax: money(order.taxMinor),
    totalAmount: money(order.totalMinor),
    shippingAddress: order.shippingAddress,
    trackingNumber: order.trackingNumber ?? "",
    ...(paymentId === null ? {} : { payment: paymentOf(order, paymentId) }),
    createdAt: timestampFromDate(order.createdAt),
    updatedAt: timestampFromDate(order.updatedAt),
    history: history.map(({ fromStatus, toStatus, actor, reason, at, refundedMinor }) => ({
      fromStatus: fromStatus ?? "",
      toStatus,
      actor,
      reason,
      at: timestampFromDate(at),
      ...(refundedMinor === undefined ? {} : { refunded: money(refundedMinor) }),
    })),
    rateSnapshotId: order.rateSnapshotId,
    shippingMethodCode: order.shippingMethodCode,
    shippingMethodName: order.shippingMethodName,
    refundedAmount: money(order.refundedMinor),
    netAmount: money(netMinorOf(order)),
  };
}

function paymentOf(order: Order, id: string) {
  const { paymentStatus: status, paymentBrand: brand, paymentLast4: last4, currency, refundedMinor } = order;
  return { id, status, brand, last4, refunded: { currencyCode: currency, minor: refundedMinor } };
}

export function refundMessage(refund: OrderRefund): RefundInit {
  const { refundId, orderId, amountMinor, currency, reason, actor, status, createdAt } = refund;
  return {
    id: refundId,
    orderId,
    amount: { currencyCode: currency, minor: amountMinor },
    reason,
    actor,
    status,
    createdAt: timestampFromDate(createdAt),
  };
}
