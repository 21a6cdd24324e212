import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PaymentSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { isCurrency, type Money } from "#platform/kit/money.ts";
import { errors, refusal } from "./errors.ts";
import type { BuyerAction, ClientSession, ProviderData, ProviderDispute, ProviderState } from "./provider.ts";

type PaymentInit = MessageInitShape<typeof PaymentSchema>;

/** A payment as we have recorded it. */
export interface Payment {
  readonly id: string;
  readonly orderId: string | null;
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  readonly currency: string | null;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly brand: string;
  readonly last4: string;
  readonly declineReason: string | null;
  readonly isCancelRequested: boolean;
  /** Null is the built-in provider. */
  readonly provider: string | null;
  /** What a session was begun for; null where there is none. */
  readonly session: ClientSession | null;
  readonly data: ProviderData | null;
  /** Of the moment, in answers for which the provider was asked. */
  readonly action?: BuyerAction | undefined;
  /** Nothing of it is held or kept any more, as somebody asked. */
  readonly isCancelled: boolean;
}

export type PaymentStatus =
  | "none"
  | "needs_action"
  | "processing"
  | "authorized"
  | "captured"
  | "partially_refunded"
  | "refunded"
  | "voided"
  | "declined";

export function paymentMessage(payment: Payment, disputes: readonly ProviderDispute[] = []): PaymentInit {
  const { id, status, brand, last4, currency, action } = payment;
  const message = {
    id,
    orderId: payment.orderId ?? "",
    status,
    brand,
    last4,
    declineReason: payment.declineReason ?? "",
    disputes: disputes.map(disputeMessage),
    ...(action ? { action: actionMessage(action) } : {}),
  };
  if (currency === null) return message;
  const money = (minor: bigint) => ({ currencyCode: currency, minor });
  return {
    ...message,
    amount: money(payment.amountMinor),
    captured: money(payment.capturedMinor),
    refunded: money(payment.refundedMinor),
  };
}

function actionMessage({ clientSecret = "", redirectUrl = "" }: BuyerAction) {
  return { clientSecret, redirectUrl };
}

function disputeMessage({ id, amountMinor, currency, reason, status }: ProviderDispute) {
  return { id, amount: { currencyCode: currency, minor: amountMinor }, reason, status };
}

/** What is recorded, with what the provider says of this moment. */
export function atThisMoment(payment: Payment, { action, isProcessing }: ProviderState): Payment {
  if (isProcessing && ["needs_action", "authorized"].includes(payment.status))
    return { ...payment, status: "processing" };
  return payment.status === "needs_action" ? { ...payment, action } : payment;
}

/** A payment that may go forward, or the refusal that stands in its way; the same one however often it is asked. */
export function requireLive(payment: Payment): Payment {
  const { declineReason } = payment;
  if (declineReason !== null)
    throw refusal(declineReason in errors ? (declineReason as keyof typeof errors) : "CARD_DECLINED");
  if (payment.status === "voided" || payment.isCancelRequested) throw refusal("PAYMENT_CANCELLED");
  if (payment.status === "none") throw refusal("PAYMENT_NOT_FOUND");
  return payment;
}

export function parseId(id: string, path: string): string {
  if (!isUuid(id)) throw invalid([{ path, message: "must be a UUID in lower case" }]);
  return id;
}

/** An amount of at least one minor unit of a real currency. */
export function parseAmount(amount: Money | undefined): Money {
  if (!amount || amount.minor <= 0n)
    throw invalid([{ path: "amount", message: "must be given and more than zero" }]);
  if (!isCurrency(amount.currencyCode))
    throw invalid([
      { path: "amount.currencyCode", message: "must be the ISO 4217 code of a currency in use" },
    ]);
  return { currencyCode: amount.currencyCode, minor: amount.minor };
}
