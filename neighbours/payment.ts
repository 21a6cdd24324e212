// Somebody else's payment service: one call that charges at once. It knows no key, no question and no way back.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import {
  AuthorizeResponseSchema,
  CancelPaymentResponseSchema,
  CaptureResponseSchema,
  CheckCardResponseSchema,
  DescribeMethodResponseSchema,
  GetPaymentResponseSchema,
  ListPaymentsResponseSchema,
  PaymentSchema,
  PaymentService,
  ResolvePaymentResponseSchema,
  type Payment,
} from "#gen/stoa/payment/v1/payment_pb.js";
import { SingleActs } from "#platform/database/single-acts.ts";
import { appError, isKind, toAppError, type AppError } from "#platform/kit/errors.ts";
import { defineForeignNeighbour, type ForeignKit } from "#platform/kit/foreign-neighbour.ts";
import { money } from "#platform/kit/money.ts";
import { toUnitsMoney } from "#platform/kit/units-money.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { isOfTheWay, neighbourUnavailable, wasNotSent } from "#platform/rpc/status.ts";
import { cardFacts } from "./card-digits.ts";

type Kit = ForeignKit<typeof hipstershop.PaymentService>;

/** What came of a charge. Amounts are text, because JSON numbers lose digits. */
type Charged =
  | {
      readonly transactionId: string;
      readonly orderId: string;
      readonly currencyCode: string;
      readonly minor: string;
      readonly brand: string;
      readonly last4: string;
    }
  | { readonly refused: string };

export const foreignPayment = defineForeignNeighbour({
  ours: PaymentService,
  theirs: hipstershop.PaymentService,
  translate: (kit) => ({
    describeMethod: () =>
      Promise.resolve(create(DescribeMethodResponseSchema, { provider: "hipstershop", takes: "card" })),
    checkCard: async ({ card }) => {
      const { brand, last4 } = cardFacts(card ?? {});
      return await Promise.resolve(create(CheckCardResponseSchema, { brand, last4 }));
    },
    authorize: async (request, options) =>
      create(AuthorizeResponseSchema, { payment: await charge(kit, request, options) }),
    resolvePayment: async ({ paymentId = "" }) => {
      const payment = await findPayment(kit, paymentId);
      return create(ResolvePaymentResponseSchema, payment && { payment });
    },
    capture: async ({ paymentId = "" }) => {
      const payment = await findPayment(kit, paymentId);
      if (payment?.status !== "captured")
        throw appError("conflict", "PAYMENT_NOT_AUTHORIZED", {
          publicMessage: "Nothing was charged for this order.",
        });
      return create(CaptureResponseSchema, { payment });
    },
    cancelPayment: async ({ paymentId = "" }) => {
      if (kit.caller !== chargedBy) throw cannotGiveBack();
      const payment = await findPayment(kit, paymentId);
      if (payment?.status !== "captured")
        return create(CancelPaymentResponseSchema, { payment: { id: paymentId, status: "voided" } });
      kit.log.error(
        { paymentId },
        "An order cannot be completed, but its card was charged, and the payment service has no way to give money back. Do it there by hand.",
      );
      throw cannotGiveBack();
    },
    refund: () => Promise.reject(cannotGiveBack()),
    getPayment: async ({ paymentId = "" }) => {
      const payment = kit.caller === chargedBy ? await findPayment(kit, paymentId) : undefined;
      if (payment) return create(GetPaymentResponseSchema, { payment });
      throw appError("not_found", "PAYMENT_NOT_FOUND", {
        publicMessage: "The payment is known to its service only.",
      });
    },
    listPayments: () => Promise.resolve(create(ListPaymentsResponseSchema)),
    receiveCallback: () =>
      Promise.reject(
        appError("unauthenticated", "CALLBACK_INVALID", {
          publicMessage: "This shop's payment service calls nobody back.",
        }),
      ),
  }),
});

/** The service that charges, and keeps what came of it. */
const chargedBy = "checkout";

function charges({ db }: Kit): SingleActs<Charged> {
  if (!db) throw new Error("A service without a database called for a card to be charged.");
  return new SingleActs<Charged>(db, "hipstershop.charge");
}

/** The intent first. A charge whose answer was lost is never made again, and never taken for one that failed. */
async function charge(
  kit: Kit,
  {
    paymentId = "",
    orderId = "",
    amount,
    card,
    session,
  }: MessageInitShape<(typeof PaymentService.method.authorize)["input"]>,
  options: CallOptions = {},
): Promise<Payment> {
  if (session || !card || !amount)
    throw appError("precondition", "PAYMENT_METHOD_UNSUPPORTED", {
      publicMessage: "This shop takes cards only.",
    });
  const { digits, brand, last4 } = cardFacts(card);
  const total = money(amount.currencyCode ?? "", amount.minor ?? 0n);
  const state = await charges(kit).begin(paymentId);
  if (state !== "ours") return paid(paymentId, state);
  const creditCard = {
    creditCardNumber: digits,
    creditCardCvv: Number(card.cvc) || 0,
    creditCardExpirationYear: card.expiryYear ?? 0,
    creditCardExpirationMonth: card.expiryMonth ?? 0,
  };
  const { timeoutMs, scope, requestId, trace } = options;
  const asked = { amount: toUnitsMoney(total), creditCard };
  let transactionId: string;
  try {
    // Who buys is none of their business: the token stays here.
    ({ transactionId } = await kit.theirs.charge(asked, { timeoutMs, scope, requestId, trace }));
  } catch (thrown) {
    const refusal = refusalOf(toAppError(thrown));
    if (!refusal) throw unresolved(paymentId, thrown);
    await charges(kit).end(paymentId, { refused: refusal.reason });
    throw refusal;
  }
  const { currencyCode, minor } = total;
  const outcome = { transactionId, orderId, currencyCode, minor: String(minor), brand, last4 };
  await charges(kit).end(paymentId, outcome);
  return paid(paymentId, { outcome });
}

/** Their answer, whatever its code, is a no; a broken way is none, unless nothing was sent over it. */
function refusalOf(error: AppError): AppError | undefined {
  if (wasNotSent(error))
    return appError("unavailable", "PAYMENT_UNAVAILABLE", {
      publicMessage: "The payment service cannot be reached. Nothing was charged; try again in a moment.",
      retryAfterSeconds: 5,
      cause: error,
    });
  if (isOfTheWay(error) || isKind(error, "deadline_exceeded", "canceled", "unavailable")) return undefined;
  return appError("payment_required", "CARD_DECLINED", {
    publicMessage: "The card was declined. Use another one.",
    cause: error,
  });
}

/** A question without an answer is no "nothing was charged": it is written down first that nothing ever will be. */
async function findPayment(kit: Kit, paymentId: string): Promise<Payment | undefined> {
  const state = await charges(kit).bar(paymentId, { refused: "PAYMENT_CANCELLED" });
  return state === "ours" || state === "unknown" || "transactionId" in state.outcome
    ? paid(paymentId, state)
    : undefined;
}

function paid(paymentId: string, state: "ours" | "unknown" | { readonly outcome: Charged }): Payment {
  if (state === "ours" || state === "unknown") throw unresolved(paymentId, undefined);
  const { outcome } = state;
  if ("refused" in outcome)
    throw appError("conflict", "PAYMENT_CANCELLED", {
      publicMessage: "Nothing was charged, and nothing will be.",
    });
  const amount = money(outcome.currencyCode, BigInt(outcome.minor));
  const { orderId, brand, last4 } = outcome;
  return create(PaymentSchema, {
    id: paymentId,
    orderId,
    status: "captured",
    amount,
    captured: amount,
    brand,
    last4,
  });
}

/** Asked again by whoever brings the order to its end, until a person has looked. */
function unresolved(paymentId: string, cause: unknown): AppError {
  return appError("unavailable", neighbourUnavailable, {
    publicMessage:
      "Whether the card was charged is not known yet. Do not order again; the shop is looking into it.",
    retryAfterSeconds: 60,
    cause: new Error(
      `Nobody can say whether the charge of payment ${paymentId} was made. Look it up at the payment service and write down what came of it: docs/operate/foreign-neighbours.md says how.`,
      { cause },
    ),
  });
}

function cannotGiveBack(): AppError {
  return appError("precondition", "NEIGHBOUR_CANNOT", {
    publicMessage:
      "The payment service of this shop has no way to give money back through the shop. It has to be done there, by hand.",
  });
}
