// What this service's tests share: the service on a database of its own, and payments in every state.
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import type { Database } from "#platform/db.ts";
import { newId } from "#platform/ids.ts";
import { testServices } from "#platform/testing.ts";
import { payment } from "./service.ts";

export const goodNumber = "4242424242424242";

export function usd(minor: bigint) {
  return { currencyCode: "USD", minor };
}

export function card(number = goodNumber) {
  return { number, expiryMonth: 12, expiryYear: 2040, cvc: "123" };
}

/** The service, a client that calls as checkout, and its database. */
export async function openPayments() {
  const shop = await testServices([payment]);
  const client = shop.as(PaymentService, "payment");
  const db = shop.services[0]?.db as Database;
  const authorize = async (minor = 5_000n, number = goodNumber) => {
    const ids = { paymentId: newId(), orderId: newId() };
    await client.authorize({ ...ids, amount: usd(minor), card: card(number) });
    return ids;
  };
  const captured = async (minor = 5_000n) => {
    const ids = await authorize(minor);
    await client.capture({ paymentId: ids.paymentId });
    return ids;
  };
  return { shop, client, db, authorize, captured };
}
