// What Stripe's objects say of a payment, in the words of the port. Pure.
import type Stripe from "stripe";
import type {
  BuyerAction,
  DisputeStatus,
  ProviderData,
  ProviderDispute,
  ProviderRefund,
  ProviderState,
} from "../../services/payment/provider.ts";
import { fromStripeAmount } from "./amounts.ts";

/** Our ids in the metadata of what we make there. */
export const paymentField = "stoa_payment";
export const orderField = "stoa_order";
export const refundField = "stoa_refund";

/** Everything about one payment, as it was read a moment ago. */
export interface Reading {
  readonly key: string;
  readonly data: ProviderData;
  /** Absent while a buyer on the hosted page has not tried to pay. */
  readonly intent: Stripe.PaymentIntent | undefined;
  /** The hosted page, where the payment has one. */
  readonly page: Stripe.Checkout.Session | undefined;
  readonly refunds: readonly Stripe.Refund[];
  readonly disputes: readonly Stripe.Dispute[];
}

export function stateOf({ key, data, intent, page, refunds, disputes }: Reading): ProviderState {
  const total = intent
    ? fromStripeAmount(intent.amount, intent.currency)
    : fromStripeAmount(page?.amount_total ?? 0, page?.currency ?? "");
  const isTaken = intent?.status === "succeeded";
  return {
    key,
    orderId: intent?.metadata[orderField] ?? page?.metadata?.[orderField] ?? null,
    isAuthorized: isTaken || intent?.status === "requires_capture",
    isVoided: intent ? intent.status === "canceled" : page?.status === "expired",
    declineReason: null,
    amountMinor: total.minor,
    currency: total.currencyCode,
    capturedMinor: isTaken ? fromStripeAmount(intent.amount_received, intent.currency).minor : 0n,
    refunds: intent ? refundsOf(intent, refunds) : [],
    ...cardOf(intent),
    action: actionOf(intent, page),
    isProcessing: intent?.status === "processing",
    disputes: disputes.map(disputeOf),
    data,
  };
}

function actionOf(
  intent: Stripe.PaymentIntent | undefined,
  page: Stripe.Checkout.Session | undefined,
): BuyerAction | undefined {
  if (
    intent &&
    !["requires_payment_method", "requires_confirmation", "requires_action"].includes(intent.status)
  )
    return undefined;
  if (page) return page.status === "open" && page.url ? { redirectUrl: page.url } : undefined;
  return intent?.client_secret ? { clientSecret: intent.client_secret } : undefined;
}

function cardOf(intent: Stripe.PaymentIntent | undefined) {
  const charge = intent?.latest_charge;
  const card = typeof charge === "object" ? charge?.payment_method_details?.card : undefined;
  return {
    brand: card?.brand ?? "",
    last4: card?.last4 ?? "",
    expiryMonth: card?.exp_month ?? null,
    expiryYear: card?.exp_year ?? null,
  };
}

/** Those that stand. What a partial capture let go may be listed among them, and was never ours. */
function refundsOf(intent: Stripe.PaymentIntent, refunds: readonly Stripe.Refund[]): ProviderRefund[] {
  const released = intent.amount - intent.amount_received;
  return refunds.flatMap(({ id, amount, currency, metadata, status }) => {
    if (status === "failed" || status === "canceled") return [];
    const ours = metadata?.[refundField];
    if (ours === undefined && amount === released) return [];
    return [{ key: ours ?? `stripe:${id}`, amountMinor: fromStripeAmount(amount, currency).minor }];
  });
}

const disputeStatuses: { readonly [status: string]: DisputeStatus } = {
  needs_response: "needs_response",
  warning_needs_response: "needs_response",
  under_review: "under_review",
  warning_under_review: "under_review",
  won: "won",
  warning_closed: "won",
  prevented: "won",
  lost: "lost",
};

function disputeOf({ id, amount, currency, reason, status }: Stripe.Dispute): ProviderDispute {
  const { currencyCode, minor } = fromStripeAmount(amount, currency);
  return {
    id,
    amountMinor: minor,
    currency: currencyCode,
    reason,
    status: disputeStatuses[status] ?? "needs_response",
  };
}
