// What this service's tests share: the service on a database of its own, and payments in every state.
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret, type Environment } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import { testServices } from "#platform/testing/services.ts";
import type { PaymentRef } from "../provider.ts";
import { signCallback } from "../simulator-callback.ts";
import { payment } from "../service.ts";

export const goodNumber = "4242424242424242";

export const callbackSecret = new Secret("what-only-the-provider-and-the-shop-know");

/** A callback as it leaves the provider; strings are sent as they are. */
export function signedCallback(content: unknown, secret = callbackSecret, now = systemClock.now()) {
  const body = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  const { headers } = signCallback(body, secret, now);
  return { body, signature: headers["stoa-signature"] ?? "" };
}

/** All that is known of a payment whose answer was lost. */
export function bareRef(key: string): PaymentRef {
  return { key, orderId: null, amount: undefined, session: undefined, data: undefined };
}

export function usd(minor: bigint) {
  return { currencyCode: "USD", minor };
}

export function card(number = goodNumber) {
  return { number, expiryMonth: 12, expiryYear: 2040, cvc: "123" };
}

/** The service, a client that calls as checkout, and its database. */
export async function openPayments(environment: Environment = {}) {
  const shop = await testServices([payment], {
    environment: { PAYMENT_CALLBACK_SECRET: callbackSecret.reveal(), ...environment },
  });
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
  /** What the provider sends of a change; a new one each time unless it has an id. */
  const callBack = async (paymentId: string, type: string, id = newId()) => {
    await client.receiveCallback(signedCallback({ id, type: `payment.${type}`, paymentId }));
    return id;
  };
  return { shop, client, db, authorize, captured, callBack };
}
