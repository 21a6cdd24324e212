import type { ClaimOrdersRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { moveClaimedOrders, noteClaim } from "../claim-store.ts";
import type { OrderContext } from "../context.ts";

export async function claimOrders(ctx: OrderContext, { guestId, userId }: ClaimOrdersRequest, call: Call) {
  requireService(call);
  for (const [path, id] of [
    ["guestId", guestId],
    ["userId", userId],
  ] as const)
    if (!isUuid(id)) throw invalid([{ path, message: "must be the id of an actor" }]);
  // Known to everyone before the orders are looked for: one that is written meanwhile finds it when it is confirmed.
  await noteClaim(ctx.db, { guestId, userId, claimedAt: ctx.clock.now() });
  const claimed = await ctx.db.inTransaction((tx) => moveClaimedOrders(tx, guestId));
  return { claimed };
}
