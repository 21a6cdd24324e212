import type { CaptureRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { money } from "#platform/kit/money.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseId, paymentMessage, requireLive, type Payment } from "../payment.ts";
import { findPayment, recordProviderState } from "../store.ts";
import { resolve } from "./resolve-payment.ts";

export async function capture(ctx: PaymentContext, request: CaptureRequest, call: Call) {
  requireService(call);
  const payment = await capturePayment(ctx, parseId(request.paymentId, "payment_id"));
  return { payment: paymentMessage(payment) };
}

export async function capturePayment(ctx: PaymentContext, paymentId: string): Promise<Payment> {
  // An authorisation whose record was lost in a crash is known to the provider all the same.
  const known = (await findPayment(ctx.db, paymentId)) ?? (await resolve(ctx, paymentId));
  if (!known) throw refusal("PAYMENT_NOT_FOUND");
  requireLive(known);
  if (known.capturedMinor > 0n || known.currency === null) return known;
  await failpoint("payment.capture.before-provider");
  const state = await ctx.provider.capture(paymentId, money(known.currency, known.amountMinor));
  await failpoint("payment.capture.after-provider");
  const payment = await recordProviderState(ctx.db, state);
  await failpoint("payment.capture.after-record");
  return requireLive(payment);
}
