import type { ResolvePaymentRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { parseId, paymentMessage, type Payment } from "../payment.ts";
import { recordState, refTo } from "../record.ts";
import { barUnknown, findPayment } from "../store.ts";

export async function resolvePayment(ctx: PaymentContext, request: ResolvePaymentRequest, call: Call) {
  requireService(call);
  const paymentId = parseId(request.paymentId, "payment_id");
  const resolved = await resolve(ctx, paymentId);
  const isUnknown = resolved === undefined || resolved.status === "none";
  const payment = isUnknown && request.barUnknown ? await barUnknown(ctx.db, paymentId) : resolved;
  return { payment: payment ? paymentMessage(payment) : { id: paymentId, status: "none" } };
}

/** What the provider knows, recorded; undefined when neither it nor we know the payment. */
export async function resolve(ctx: PaymentContext, paymentId: string): Promise<Payment | undefined> {
  const known = await findPayment(ctx.db, paymentId);
  const state = await ctx.provider.find(refTo(ctx, paymentId, known));
  await failpoint("payment.resolve.after-provider");
  if (!state) return await findPayment(ctx.db, paymentId);
  const payment = await recordState(ctx, ctx.db, state);
  return payment;
}
