import type { ReceiveCallbackRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { takeCallback } from "../callbacks.ts";
import type { PaymentContext } from "../context.ts";

// public: the provider is no service of ours and has no token; the signature proves it
export async function receiveCallback(ctx: PaymentContext, request: ReceiveCallbackRequest) {
  await takeCallback(ctx, request.body, request.signature);
  return {};
}
