import type { ListPaymentsRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { parseId, paymentMessage } from "../payment.ts";
import { listPayments as findPayments } from "../store.ts";

const idsMax = 200;

export async function listPayments(ctx: PaymentContext, request: ListPaymentsRequest, call: Call) {
  requireService(call);
  if (request.paymentIds.length > idsMax)
    throw invalid([{ path: "payment_ids", message: `must be at most ${idsMax}` }]);
  const ids = request.paymentIds.map((id, index) => parseId(id, `payment_ids[${index}]`));
  return { payments: (await findPayments(ctx.db, ids)).map((payment) => paymentMessage(payment)) };
}
