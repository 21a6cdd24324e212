import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { GetCartRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireOwner } from "#platform/auth/guards.ts";
import { idMadeAtMs } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId, refusal } from "../errors.ts";
import { viewCart } from "../view.ts";

export async function getCart(ctx: CartContext, request: Omit<GetCartRequest, "$typeName">, call: Call) {
  requireOwner(call, request.userId, () => refusal("CART_NOT_FOUND"));
  const userId = parseActorId(request.userId);
  const stored = await ctx.carts.touch(userId, cartTimes(ctx));
  const cart = await viewCart(ctx, { userId, stored }, call);
  const lostAt = stored ? undefined : await findLoss(ctx, userId);
  return { cart: { ...cart, ...(lostAt && { lostAt: timestampFromDate(lostAt) }) } };
}

/** When carts were lost, if this actor's may have been among them and nothing was put into it since. */
async function findLoss({ stores, clock, config }: CartContext, userId: string): Promise<Date | undefined> {
  const lostAt = await stores.mark?.lookQuietly();
  if (!lostAt || clock.now().getTime() - lostAt.getTime() > config.CART_EXPIRY_SECONDS * 1000)
    return undefined;
  const madeAtMs = idMadeAtMs(userId);
  return madeAtMs !== undefined && madeAtMs > lostAt.getTime() ? undefined : lostAt;
}
