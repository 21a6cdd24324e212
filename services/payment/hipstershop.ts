// The payment contract of the foreign shop: one call that authorizes and captures. It carries no key and no identity.
import { PaymentService, type ChargeRequest, type CreditCardInfo } from "#gen/hipstershop/demo_pb.js";
import { invalid, isKind, isReason } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { bindRpcs, type Call } from "#platform/rpc/contract.ts";
import { fromUnitsMoney } from "#platform/kit/units-money.ts";
import { finishCancel, promiseCancel } from "./tasks/finish-cancel.ts";
import { parseCard, type Card } from "./card.ts";
import type { PaymentContext } from "./context.ts";
import { parseAmount, requireLive } from "./payment.ts";
import type { AuthorizeOrder } from "./provider.ts";
import { authorizePayment } from "./rpc/authorize.ts";
import { capturePayment } from "./rpc/capture.ts";
import { resolve } from "./rpc/resolve-payment.ts";

export function hipsterPayment(ctx: PaymentContext) {
  return bindRpcs(PaymentService, ctx, { charge });
}

// public: the foreign contract knows no callers; whoever has a card may pay with it
export async function charge(ctx: PaymentContext, request: ChargeRequest, call: Call) {
  if (!request.amount) throw invalid([{ path: "amount", message: "must be given" }]);
  const amount = parseAmount(fromUnitsMoney(request.amount, "amount"));
  const card = parseForeignCard(ctx, request.creditCard);
  const order = { key: newRandomId(), orderId: null, amount, card };
  try {
    await authorizeForSure(ctx, order);
    await capturePayment(ctx, order.key);
  } catch (error) {
    if (isKind(error, "payment_required") || isReason(error, "PAYMENT_UNAVAILABLE")) throw error;
    // Nobody knows the key of this charge, so nobody else can undo it; the task finishes what fails here.
    const cancel = { paymentId: order.key, reason: "The charge failed." };
    await promiseCancel(ctx, call, cancel);
    await finishCancel(ctx, call, cancel);
    throw error;
  }
  return { transactionId: order.key };
}

async function authorizeForSure(ctx: PaymentContext, order: AuthorizeOrder): Promise<void> {
  try {
    await authorizePayment(ctx, order);
  } catch (error) {
    if (!isKind(error, "deadline_exceeded")) throw error;
    const payment = await resolve(ctx, order.key);
    if (!payment) throw error;
    requireLive(payment);
  }
}

/** Years may lie far ahead, the code is a number of any length, and refusals are canonical. */
function parseForeignCard(ctx: PaymentContext, card: CreditCardInfo | undefined): Card {
  if (!card) throw invalid([{ path: "credit_card", message: "must be given" }]);
  const typed = {
    number: card.creditCardNumber,
    expiryMonth: card.creditCardExpirationMonth,
    expiryYear: card.creditCardExpirationYear,
  };
  try {
    return parseCard(typed, { now: ctx.clock.now(), yearsAheadMax: Infinity });
  } catch (error) {
    if (isReason(error, "CARD_INVALID"))
      throw invalid([{ path: "credit_card", message: error.publicMessage }]);
    throw error;
  }
}
