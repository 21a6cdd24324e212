import type { ListRefundsRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { refundMessage } from "../messages.ts";
import { listRefunds as list } from "../refund-store.ts";
import { getVisibleOrder } from "../visible-order.ts";

export async function listRefunds(ctx: OrderContext, { orderId }: ListRefundsRequest, call: Call) {
  requireAdminOrService(call);
  const { id } = await getVisibleOrder(ctx, orderId, call);
  return { refunds: (await list(ctx.db, id)).map(refundMessage) };
}
