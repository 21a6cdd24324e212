import type { ReceiveCallbackRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { takeCallback } from "../take-callback.ts";
import type { PaymentContext } from "../context.ts";

// public: the provider is no service of ours and has no token; the signature proves it
export async function receiveCallback(ctx: PaymentContext, request: ReceiveCallbackRequest) {
  const { body, signature, headers } = request;
  await takeCallback(ctx, { body, headers: { "stoa-signature": signature, ...headers } });
  return {};
}
