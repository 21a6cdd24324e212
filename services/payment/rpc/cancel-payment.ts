import type { CancelPaymentRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { finishCancel, promiseCancel } from "../tasks/finish-cancel.ts";
import type { PaymentContext } from "../context.ts";
import { parseId, paymentMessage } from "../payment.ts";

export async function cancelPayment(ctx: PaymentContext, request: CancelPaymentRequest, call: Call) {
  requireService(call);
  const paymentId = parseId(request.paymentId, "payment_id");
  const { reason } = request;
  await promiseCancel(ctx, call, { paymentId, reason });
  const payment = await finishCancel(ctx, call, { paymentId, reason });
  return { payment: paymentMessage(payment) };
}
