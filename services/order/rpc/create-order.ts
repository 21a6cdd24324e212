import type { CreateOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { orderMessage } from "../messages.ts";
import { parseNewOrder } from "../new-order.ts";
import type { NewOrder, Order } from "../order.ts";
import { findOrder, insertOrder } from "../store.ts";

export async function createOrder(ctx: OrderContext, request: CreateOrderRequest, call: Call) {
  const service = requireService(call);
  const order = parseNewOrder(request.order);
  const times = await insertOrder(ctx.db, order, service);
  if (times) return { order: orderMessage({ ...order, ...unpaid, ...times }) };
  return { order: orderMessage(await getKnown(ctx, order)) };
}

const unpaid = {
  status: "pending",
  trackingNumber: null,
  paymentStatus: "none",
  paymentBrand: "",
  paymentLast4: "",
  capturedMinor: 0n,
  refundedMinor: 0n,
  isConfirmed: false,
  isAbandoned: false,
} as const;

async function getKnown(ctx: OrderContext, wanted: NewOrder): Promise<Order> {
  const known = await findOrder(ctx.db, wanted.id);
  if (!known || known.isAbandoned) throw refusal("ORDER_ABANDONED");
  const isSame =
    // Not the owner: a guest who signed in meanwhile is somebody else by now.
    known.paymentId === wanted.paymentId &&
    known.currency === wanted.currency &&
    known.totalMinor === wanted.totalMinor;
  if (!isSame) throw refusal("ORDER_ID_TAKEN");
  return known;
}
