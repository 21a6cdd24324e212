import type { IncomingHttpHeaders } from "node:http";
import { Type } from "@fastify/type-provider-typebox";
import { endpoint } from "../endpoint.ts";
import { PaymentMethod, ProviderCallback } from "../schemas/payment.ts";
import { ref } from "../schemas/shapes.ts";

const receiveCallback = endpoint({
  id: "receivePaymentCallback",
  method: "POST",
  path: "/api/payments/callbacks",
  journey: "checkout",
  tag: "Payments",
  summary: "Tell the shop that a payment has changed at the provider",
  description:
    "For the payment provider, which signs what it sends, in its own form and headers; shown are those of the built-in one. The shop then asks the provider what the payment is now; it may be told " +
    "twice, late and in any order. Repeat it until it is answered with 204.",
  access: "anyone",
  rawBody: ref(ProviderCallback),
  headers: {
    "stoa-signature": Type.String({
      description:
        "`t=<seconds since 1970>,v1=<HMAC-SHA256 in hex of t, a full stop and the body>`; good for five minutes.",
    }),
  },
  status: 204,
  refusals: { 401: ["CALLBACK_INVALID"] },
  isFinished: true,
  run: async (ctx, { rawBody, headers, serviceCall }) => {
    const handedOn = callbackHeaders(headers);
    const callback = { body: rawBody, signature: handedOn["stoa-signature"] ?? "", headers: handedOn };
    await ctx.clients.payment.receiveCallback(callback, serviceCall);
  },
});

const neverHandedOn = new Set(["authorization", "cookie", "connection", "host"]);

/** Providers sign in headers of their own; credentials of the shop are none of them. */
function callbackHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" && !neverHandedOn.has(name) ? [[name, value]] : [],
    ),
  );
}

const showMethod = endpoint({
  id: "showPaymentMethod",
  method: "GET",
  path: "/api/payments/method",
  journey: "checkout",
  tag: "Payments",
  summary: "Tell how buyers pay",
  access: "anyone",
  status: 200,
  answer: PaymentMethod,
  run: async (ctx, { serviceCall }) => {
    const { provider, takes, presentations, publishableKey } = await ctx.clients.payment.describeMethod(
      {},
      serviceCall,
    );
    return { provider, takes, presentations, publishableKey: publishableKey === "" ? null : publishableKey };
  },
});

export const paymentEndpoints = [showMethod, receiveCallback];
