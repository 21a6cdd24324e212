import type { CheckCardRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";
import { parseRequestCard } from "../request-means.ts";

export async function checkCard(ctx: PaymentContext, request: CheckCardRequest, call: Call) {
  requireService(call);
  const { brand, last4 } = parseRequestCard(ctx, request.card);
  return await Promise.resolve({ brand, last4 });
}
