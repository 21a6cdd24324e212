import { PaymentRefundedSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import type { Tx } from "#platform/database/db.ts";
import type { PaymentContext } from "./context.ts";
import { markRefundsTold } from "./refund-news-store.ts";

/** What the provider gave back by itself is told to the order: once, in the transaction that records it. */
export async function tellRefunds(ctx: PaymentContext, tx: Tx, paymentId: string): Promise<void> {
  for (const refund of await markRefundsTold(tx, paymentId)) {
    const { refundId, orderId, amountMinor, currency, isAsked } = refund;
    if (isAsked || orderId === null) continue;
    const amount = { currencyCode: currency, minor: amountMinor };
    const payload = { paymentId, orderId, refundId, amount };
    await ctx.outbox.emit(tx, {}, PaymentRefundedSchema, { aggregateId: orderId, payload });
  }
}
