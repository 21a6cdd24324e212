import type { RecordBehaviorRequest } from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { weights } from "../co-occurrence.ts";
import type { RecommendationContext } from "../context.ts";
import { sessionOf } from "../learning.ts";

const sessionKeyLengthMax = 256;
const productsMax = 100;
const waitingMax = 20_000;

export async function recordBehavior(ctx: RecommendationContext, request: RecordBehaviorRequest) {
  // public: visitors need no account; a visit counts each product once
  const { sessionKey, kind, productIds } = request;
  if (sessionKey === "" || sessionKey.length > sessionKeyLengthMax)
    throw invalid([{ path: "sessionKey", message: `must have 1 to ${sessionKeyLengthMax} characters` }]);
  if (kind !== "view" && kind !== "cart") throw invalid([{ path: "kind", message: "must be view or cart" }]);
  if (productIds.length > productsMax)
    throw invalid([{ path: "productIds", message: `must be at most ${productsMax}` }]);
  const session = sessionOf(sessionKey);
  const known = new Set(productIds.flatMap((key) => ctx.shelf.find(key)?.id ?? []));
  for (const productId of known) {
    // Under a flood the rest goes unnoticed: memory is worth more than one more view.
    if (ctx.waiting.length < waitingMax) ctx.waiting.push({ session, productId, weight: weights[kind] });
  }
  return await Promise.resolve({});
}
