import type { ListRecommendationsRequest } from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import type { RecommendationContext } from "../context.ts";
import type { ShelfProduct } from "../shelf.ts";
import { suggest } from "../suggestion.ts";

const limitDefault = 5;
const limitMax = 20;

export async function listRecommendations(
  ctx: RecommendationContext,
  request: ListRecommendationsRequest,
  call: Call,
) {
  // public: suggestions are on every page and tell nothing about anybody
  const count = request.limit > 0 ? Math.min(request.limit, limitMax) : limitDefault;
  const products = await suggestProducts(ctx, request.productIds, count, call);
  return { productIds: products.map(({ id }) => id) };
}

/** From memory only. No trouble of ours ever fails a page: then there are no suggestions. */
export async function suggestProducts(
  ctx: RecommendationContext,
  productIds: readonly string[],
  count: number,
  call: Call,
): Promise<ShelfProduct[]> {
  try {
    if (!(await ctx.flags.isOn("ENABLE_RECOMMENDATIONS"))) return [];
    const given = new Set(productIds.flatMap((key) => ctx.shelf.find(key) ?? []));
    return suggest(ctx.shelf, ctx.affinity, [...given], count);
  } catch (error) {
    call.log.warn({ err: error }, "Suggestions could not be made; the page goes without.");
    return [];
  }
}
