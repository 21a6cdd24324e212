import { PaymentRefundedSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { forgetAnswersAbout } from "#platform/database/kept-answers.ts";
import type { OrderContext } from "./context.ts";
import { recordProviderRefund } from "./provider-refund.ts";

/** The law keeps the order; the answers about it that lie beside it, it does not. */
export function orderInbox(ctx: OrderContext): EventHandler[] {
  return [
    onEvent(PaymentRefundedSchema, async (tx, refunded, heard) => {
      await recordProviderRefund(ctx, tx, refunded, heard);
    }),
    onEvent(UserErasedSchema, async (tx, { userId, email }) => {
      await forgetAnswersAbout(tx, { userId, email });
    }),
  ];
}
