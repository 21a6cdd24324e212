import type { ConsumeCartRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId } from "../errors.ts";
import { consumeCart as consumeStoredCart } from "../store.ts";

const itemsMax = 1000;

export async function consumeCart(ctx: CartContext, request: ConsumeCartRequest, call: Call) {
  requireService(call);
  const userId = parseActorId(request.userId);
  const { orderId, items } = checked(request);
  await consumeStoredCart(ctx.db, { userId, orderId, items }, cartTimes(ctx));
  return {};
}

function checked(request: ConsumeCartRequest): ConsumeCartRequest {
  const faults: FieldViolation[] = [];
  if (!isUuid(request.orderId)) faults.push({ path: "orderId", message: "must be the id of an order" });
  if (request.items.length > itemsMax)
    faults.push({ path: "items", message: `must have at most ${itemsMax} entries` });
  for (const [index, { variantId, quantity }] of request.items.entries()) {
    if (!isUuid(variantId))
      faults.push({ path: `items[${index}].variantId`, message: "must be the id of a variant" });
    if (quantity < 1) faults.push({ path: `items[${index}].quantity`, message: "must be 1 or more" });
  }
  if (faults.length > 0) throw invalid(faults);
  return request;
}
