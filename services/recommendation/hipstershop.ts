import { RecommendationService, type ListRecommendationsRequest } from "#gen/hipstershop/demo_pb.js";
import { bindRpcs, type Call } from "#platform/rpc/contract.ts";
import type { RecommendationContext } from "./context.ts";
import { suggestProducts } from "./rpc/list-recommendations.ts";

const limit = 5;

/** The recommendation service of the Online Boutique's contract: its product ids are codes. Public: it has no identity to ask for. */
export function hipsterRecommendation(ctx: RecommendationContext) {
  return bindRpcs(RecommendationService, ctx, { listRecommendations });
}

async function listRecommendations(
  ctx: RecommendationContext,
  request: ListRecommendationsRequest,
  call: Call,
) {
  const products = await suggestProducts(ctx, request.productIds, limit, call);
  return { productIds: products.map(({ code }) => code) };
}
