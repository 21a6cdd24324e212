import type { ResumeOrderRequest } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { requireUser } from "#platform/auth/guards.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { isSameBuyer } from "../joined-store.ts";
import { placedOf } from "../outcome.ts";
import { findCheckout } from "../store.ts";
import { settledEnd } from "../settled-end.ts";

/** Whether a pending order was paid; brings it to its end if so. */
export async function resumeOrder(ctx: CheckoutContext, request: ResumeOrderRequest, call: Call) {
  const userId = call.service && request.userId !== "" ? request.userId : requireUser(call).userId;
  const checkout = isUuid(request.orderId) ? await findCheckout(ctx.db, request.orderId) : undefined;
  if (!checkout || !(await isSameBuyer(ctx.db, checkout.userId, userId))) throw refusal("ORDER_NOT_FOUND");
  return placedOf(await settledEnd(ctx, checkout, call));
}
