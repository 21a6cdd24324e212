import type { RefundRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseAmount, parseId, paymentMessage } from "../payment.ts";
import { refundPayment } from "../tasks/finish-refund.ts";

export async function refund(ctx: PaymentContext, request: RefundRequest, call: Call) {
  requireService(call);
  const paymentId = parseId(request.paymentId, "payment_id");
  const amount = parseAmount(request.amount);
  const { refundId, reason } = request;
  if (refundId === "" || refundId.length > 255)
    throw invalid([{ path: "refund_id", message: "must have 1 to 255 characters" }]);
  const payment = await refundPayment(ctx, call, {
    refundId,
    paymentId,
    amountMinor: amount.minor,
    currency: amount.currencyCode,
    reason,
  });
  if (!payment) throw refusal("REFUND_EXCEEDS_CAPTURED");
  return { payment: paymentMessage(payment) };
}
