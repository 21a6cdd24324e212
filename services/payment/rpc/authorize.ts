import type { AuthorizeRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseAmount, parseId, paymentMessage, requireLive, type Payment } from "../payment.ts";
import type { AuthorizeOrder } from "../provider.ts";
import { parseRequestCard } from "../request-card.ts";
import { recordProviderState } from "../store.ts";

export async function authorize(ctx: PaymentContext, request: AuthorizeRequest, call: Call) {
  requireService(call);
  const key = parseId(request.paymentId, "payment_id");
  const orderId = parseId(request.orderId, "order_id");
  const amount = parseAmount(request.amount);
  const card = parseRequestCard(ctx, request.card);
  const payment = await authorizePayment(ctx, { key, orderId, amount, card });
  return { payment: paymentMessage(payment) };
}

/** The provider's key is the only record of the intent: without an answer, it is found again by that key. */
export async function authorizePayment(ctx: PaymentContext, order: AuthorizeOrder): Promise<Payment> {
  await failpoint("payment.authorize.before-provider");
  const state = await ctx.provider.authorize(order);
  await failpoint("payment.authorize.after-provider");
  const payment = await recordProviderState(ctx.db, state);
  await failpoint("payment.authorize.after-record");
  const { amount, orderId } = order;
  requireLive(payment);
  const isSame =
    payment.amountMinor === amount.minor &&
    payment.currency === amount.currencyCode &&
    payment.orderId === orderId;
  if (!isSame) throw refusal("PAYMENT_ID_TAKEN");
  return payment;
}
