import type { PaymentRefunded } from "#gen/stoa/payment/v1/payment_pb.js";
import { OrderRefundedSchema } from "#gen/stoa/order/v1/order_pb.js";
import type { Tx } from "#platform/database/db.ts";
import type { Cause } from "#platform/database/tasks.ts";
import { idFromName } from "#platform/kit/ids.ts";
import { lockOrder } from "./abandon-store.ts";
import type { OrderContext } from "./context.ts";
import { noteDone } from "./log-lines.ts";
import { orderMessage, refundMessage } from "./messages.ts";
import { countRefunded } from "./metrics.ts";
import { getRefund, insertProviderRefund, noteRefunded } from "./refund-store.ts";
import { findOrder } from "./store.ts";

const refundIdMax = 100;

/** A refund that the payment provider made by itself is one of the order, however late and however often it is told. */
export async function recordProviderRefund(
  ctx: OrderContext,
  tx: Tx,
  { orderId, refundId: providerId, amount }: PaymentRefunded,
  cause: Cause,
): Promise<void> {
  const locked = await lockOrder(tx, orderId);
  if (!locked || !amount) throw new Error(`A refund names the order ${orderId}, which does not exist.`);
  // Nobody was told of such an order, and all of its money goes back.
  if (locked.isAbandoned) return;
  const refundId =
    providerId.length <= refundIdMax ? providerId : idFromName("stoa.order.provider-refund", providerId);
  if (!(await insertProviderRefund(tx, { orderId, refundId, amountMinor: amount.minor }))) return;
  await noteRefunded(tx, orderId);
  const order = await findOrder(tx, orderId);
  // An order that is not paid yet takes it up with its payment; one that was cancelled has said that all money goes back.
  if (!order || order.capturedMinor === 0n || order.status === "cancelled") return;
  const refund = await getRefund(tx, orderId, refundId);
  const payload = { order: orderMessage(order), refund: refundMessage(refund) };
  await ctx.outbox.emit(tx, cause, OrderRefundedSchema, { aggregateId: orderId, payload });
  tx.onCommit(() => {
    noteDone(ctx.log, cause, "refunded", { order, amountMinor: amount.minor });
    countRefunded(order, amount.minor);
  });
}
