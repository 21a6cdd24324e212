import type { ConsumeCartRequest } from "#gen/stoa/cart/v1/cart_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { cartTimes, type CartContext } from "../context.ts";
import { parseActorId } from "../errors.ts";

const itemsMax = 1000;

export async function consumeCart(ctx: CartContext, request: ConsumeCartRequest, call: Call) {
  requireService(call);
  const userId = parseActorId(request.userId);
  const { orderId, items } = checked(request);
  await ctx.carts.consume({ userId, orderId, items: summed(items) }, cartTimes(ctx));
  return {};
}

/** Two entries of one variant are one. */
function summed(items: ConsumeCartRequest["items"]) {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of items)
    quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
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
