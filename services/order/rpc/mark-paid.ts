import type { MarkPaidRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { refusal, transitionInvalid } from "../errors.ts";
import { noteDone } from "../log-lines.ts";
import { orderMessage } from "../messages.ts";
import { findOrder, moveOrder } from "../store.ts";

export async function markPaid(ctx: OrderContext, { orderId, payment }: MarkPaidRequest, call: Call) {
  const actor = requireService(call);
  if (!isUuid(orderId)) throw refusal("ORDER_NOT_FOUND");
  if (!payment || !isUuid(payment.id))
    throw invalid([{ path: "payment.id", message: "must be a UUID in lower case" }]);
  const { id: paymentId, brand, last4 } = payment;
  const paid = { paymentId, brand, last4 };
  const moved = await moveOrder(ctx.db, { orderId, to: "processing", actor, reason: "", paid });
  if (moved) noteDone(ctx.log, call, "paid", { order: moved });
  if (moved) return { order: orderMessage(moved) };
  const known = await findOrder(ctx.db, orderId);
  if (!known) throw refusal("ORDER_NOT_FOUND");
  if (known.isAbandoned) throw refusal("ORDER_ABANDONED");
  if (known.status === "cancelled" || known.paymentId !== paymentId)
    throw transitionInvalid(known.status, "processing");
  return { order: orderMessage(known) };
}
