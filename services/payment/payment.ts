import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Payment as PaymentMessage, PaymentSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { decimalsOf, type Money } from "#platform/kit/money.ts";
import { errors, refusal } from "./errors.ts";

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
}

export type PaymentStatus =
  "none" | "authorized" | "captured" | "partially_refunded" | "refunded" | "voided" | "declined";

export function paymentMessage(payment: Payment): MessageInitShape<typeof PaymentSchema> {
  const { id, status, brand, last4, currency } = payment;
  const message = {
    id,
    orderId: payment.orderId ?? "",
    status,
    brand,
    last4,
    declineReason: payment.declineReason ?? "",
  } satisfies Partial<PaymentMessage>;
  if (currency === null) return message;
  const money = (minor: bigint) => ({ currencyCode: currency, minor });
  return {
    ...message,
    amount: money(payment.amountMinor),
    captured: money(payment.capturedMinor),
    refunded: money(payment.refundedMinor),
  };
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
  decimalsOf(amount.currencyCode);
  return { currencyCode: amount.currencyCode, minor: amount.minor };
}
