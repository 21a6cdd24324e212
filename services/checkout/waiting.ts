// While a buyer pays at the payment provider: the checkout waits, and whoever hears that it was paid brings it to its end.
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { PendingPaymentSchema, type PendingPayment } from "#gen/stoa/checkout/v1/checkout_pb.js";
import type { Order } from "#gen/stoa/order/v1/order_pb.js";
import type { Payment } from "#gen/stoa/payment/v1/payment_pb.js";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { CheckoutContext } from "./context.ts";
import type { Checkout } from "./store.ts";

/** What a buyer is told who has not paid yet. */
export interface Waiting {
  readonly order: Order;
  readonly pendingPayment: PendingPayment;
}

/** A step cannot go on before the buyer has done something, or the provider has. */
export class PaymentPending extends Error {
  override readonly name = "PaymentPending";
  readonly payment: Payment;

  constructor(payment: Payment) {
    super(`Payment ${payment.id} is ${payment.status}.`);
    this.payment = payment;
  }
}

export function isPending({ status }: Payment): boolean {
  return status === "needs_action" || status === "processing";
}

/** Nobody waits for a buyer whose time is over; a provider that is at work is waited for. */
export function isTimeOver(ctx: CheckoutContext, { waitUntil }: Checkout, payment: Payment): boolean {
  return payment.status === "needs_action" && waitUntil !== undefined && waitUntil <= ctx.clock.now();
}

export async function waitingAnswer(
  ctx: CheckoutContext,
  { id, waitUntil }: Checkout,
  { status, action }: Payment,
  options: CallOptions,
): Promise<Waiting> {
  const { order } = await ctx.clients.order.getOrder({ id }, options);
  if (!order) throw new Error("The order service answered without an order.");
  const pendingPayment = create(PendingPaymentSchema, {
    status,
    ...(action ? { action } : {}),
    ...(waitUntil ? { expiresAt: timestampFromDate(waitUntil) } : {}),
  });
  return { order: { ...order, history: [] }, pendingPayment };
}
