import type { AuthorizeRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { isKind } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { boundedLabels, counter } from "#platform/telemetry/metrics.ts";
import type { PaymentContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseAmount, parseId, paymentMessage, requireLive, type Payment } from "../payment.ts";
import type { AuthorizeOrder } from "../provider.ts";
import { recordState } from "../record.ts";
import { parseRequestCard, parseSession } from "../request-means.ts";
import { insertSession } from "../store.ts";

const declined = counter(
  "stoa_payments_declined_total",
  "Payments that the bank or the payment provider declined, by the reason in docs/reference/errors.md.",
  ["reason"],
);
const reasonLabel = boundedLabels(30);

export async function authorize(ctx: PaymentContext, request: AuthorizeRequest, call: Call) {
  requireService(call);
  const key = parseId(request.paymentId, "payment_id");
  const orderId = parseId(request.orderId, "order_id");
  const amount = parseAmount(request.amount);
  const means = parseMeans(ctx, request);
  const payment = await authorizePayment(ctx, { key, orderId, amount, ...means }).catch(countDecline);
  return { payment: paymentMessage(payment) };
}

function countDecline(error: unknown): never {
  if (isKind(error, "payment_required")) declined.inc({ reason: reasonLabel(error.reason) });
  throw error;
}

function parseMeans(
  ctx: PaymentContext,
  { card, session }: AuthorizeRequest,
): Pick<AuthorizeOrder, "card" | "session"> {
  if (ctx.provider.method.takes === "card") return { card: parseRequestCard(ctx, card) };
  return { session: parseSession(ctx.provider.method, session) };
}

/**
 * Where the provider takes cards, its key is the only record of the intent: without an answer, it is found again by that key. A
 * session is written down first, because what is begun at the provider may be paid there at any time.
 */
export async function authorizePayment(ctx: PaymentContext, order: AuthorizeOrder): Promise<Payment> {
  const { session } = order;
  if (session) {
    const intent = await insertSession(ctx.db, { ...order, session, provider: ctx.provider.name });
    if (!intent) throw refusal("PAYMENT_CANCELLED");
    requireSame(intent, order);
  }
  await failpoint("payment.authorize.before-provider");
  const state = await ctx.provider.authorize(order);
  await failpoint("payment.authorize.after-provider");
  const payment = await recordState(ctx, ctx.db, state);
  requireLive(payment);
  return requireSame(payment, order);
}

function requireSame(payment: Payment, { amount, orderId }: AuthorizeOrder): Payment {
  const isSame =
    payment.amountMinor === amount.minor &&
    payment.currency === amount.currencyCode &&
    payment.orderId === orderId;
  if (!isSame) throw refusal("PAYMENT_ID_TAKEN");
  return payment;
}
