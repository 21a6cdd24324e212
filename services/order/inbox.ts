import { PaymentRefundedSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { GuestJoinedSchema, UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { forgetActivityOf } from "#platform/activity/erasures.ts";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { forgetAnswersAbout } from "#platform/database/kept-answers.ts";
import { forgetClaims, moveClaimedOrders, noteClaim } from "./claim-store.ts";
import type { OrderContext } from "./context.ts";
import { recordProviderRefund } from "./provider-refund.ts";

/** The law keeps the order; the answers about it that lie beside it, it does not. */
export function orderInbox(ctx: OrderContext): EventHandler[] {
  return [
    onEvent(PaymentRefundedSchema, async (tx, refunded, heard) => {
      await recordProviderRefund(ctx, tx, refunded, heard);
    }),
    // The gateway has claimed already where it could; what it could not, is claimed here.
    onEvent(GuestJoinedSchema, async (tx, { guestId, userId, joinedAt }) => {
      const claimedAt = joinedAt ? timestampDate(joinedAt) : ctx.clock.now();
      await noteClaim(tx, { guestId, userId, claimedAt });
      await moveClaimedOrders(tx, guestId);
    }),
    onEvent(UserErasedSchema, async (tx, { userId, email }) => {
      await forgetClaims(tx, userId);
      await forgetAnswersAbout(tx, { userId, email });
      await forgetActivityOf(tx, userId);
    }),
  ];
}
