import type { CaptureRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Money } from "#platform/kit/money.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseAmount, parseId, paymentMessage, requireLive, type Payment } from "../payment.ts";
import { recordState, refTo } from "../record.ts";
import { findPayment } from "../store.ts";
import { resolve } from "./resolve-payment.ts";

export async function capture(ctx: PaymentContext, request: CaptureRequest, call: Call) {
  requireService(call);
  const amount = request.amount && parseAmount(request.amount);
  const payment = await capturePayment(ctx, parseId(request.paymentId, "payment_id"), amount);
  return { payment: paymentMessage(payment) };
}

/** The whole amount, unless a part of it is given. */
export async function capturePayment(ctx: PaymentContext, paymentId: string, part?: Money): Promise<Payment> {
  const known = await getHeld(ctx, paymentId);
  const { amount, ...ref } = refTo(ctx, paymentId, known);
  if (known.capturedMinor > 0n || !amount) return known;
  if (part && (part.currencyCode !== amount.currencyCode || part.minor > amount.minor))
    throw invalid([{ path: "amount", message: "must not be more than what is held" }]);
  await failpoint("payment.capture.before-provider");
  const state = await ctx.provider.capture({ ...ref, amount }, part ?? amount);
  await failpoint("payment.capture.after-provider");
  const payment = await recordState(ctx, ctx.db, state);
  requireLive(payment);
  if (payment.capturedMinor > 0n || payment.status === "processing") return payment;
  throw new Error(`The payment provider neither took the money of payment ${paymentId} nor said why.`);
}

/** An authorisation whose record was lost in a crash, or that a buyer has just ended, is known to the provider all the same. */
async function getHeld(ctx: PaymentContext, paymentId: string): Promise<Payment> {
  const recorded = await findPayment(ctx.db, paymentId);
  const isRecorded = recorded && recorded.status !== "needs_action";
  const known = isRecorded ? recorded : await resolve(ctx, paymentId);
  if (!known) throw refusal("PAYMENT_NOT_FOUND");
  requireLive(known);
  if (known.status === "needs_action" || known.status === "processing")
    throw refusal("PAYMENT_NOT_AUTHORIZED");
  return known;
}
