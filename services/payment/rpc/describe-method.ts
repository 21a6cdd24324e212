import type { DescribeMethodRequest } from "#gen/stoa/payment/v1/payment_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { PaymentContext } from "../context.ts";

export async function describeMethod(ctx: PaymentContext, _request: DescribeMethodRequest, call: Call) {
  requireService(call);
  const { name: provider, method } = ctx.provider;
  if (method.takes === "card") return await Promise.resolve({ provider, takes: method.takes });
  const { takes, presentations, publishableKey } = method;
  return { provider, takes, presentations: [...presentations], publishableKey };
}
