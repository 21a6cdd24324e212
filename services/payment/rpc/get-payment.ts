import type { GetPaymentRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { listDisputes } from "../dispute-store.ts";
import { parseId, paymentMessage } from "../payment.ts";
import { findPayment } from "../store.ts";

export async function getPayment(ctx: PaymentContext, request: GetPaymentRequest, call: Call) {
  requireService(call);
  const payment = await findPayment(ctx.db, parseId(request.paymentId, "payment_id"));
  if (!payment) throw refusal("PAYMENT_NOT_FOUND");
  return { payment: paymentMessage(payment, await listDisputes(ctx.db, payment.id)) };
}
