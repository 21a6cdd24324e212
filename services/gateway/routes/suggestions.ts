import { isReason } from "#platform/kit/errors.ts";
import type { MarkedCall } from "../marks.ts";
import type { GatewayContext } from "../context.ts";
import { endpoint } from "../endpoint.ts";
import { priceView } from "../money.ts";
import { adJson, listJson, pricesOf, productJson } from "../present.ts";
import { AdClick, AdList, AdQuery, RecommendationList, RecommendationQuery } from "../schemas/suggestion.ts";

/** A page never waits longer than this for what it could do without. */
const budgetMs = 300;

const listRecommendations = endpoint({
  id: "listRecommendations",
  method: "GET",
  path: "/api/recommendations",
  journey: "browse",
  tag: "Suggestions",
  summary: "Suggest products that go with others",
  description: "Empty rather than late: it never fails a page.",
  access: "anyone",
  query: RecommendationQuery,
  status: 200,
  answer: RecommendationList,
  refusals: { 400: ["CURRENCY_UNKNOWN"] },
  run: async (ctx, { query, serviceCall }) => {
    if (!(await ctx.flags.isOn("ENABLE_RECOMMENDATIONS"))) return listJson([]);
    try {
      return await recommendations(ctx, query, { ...serviceCall, timeoutMs: budgetMs });
    } catch (error) {
      if (isReason(error, "CURRENCY_UNKNOWN")) throw error;
      serviceCall.marks.add("recommendation");
      ctx.log.debug({ err: error }, "There are no recommendations at the moment.");
      return listJson([]);
    }
  },
});

async function recommendations(
  ctx: GatewayContext,
  query: { productIds?: string[]; limit?: number; currency?: string },
  call: MarkedCall,
) {
  const request = { productIds: query.productIds ?? [], limit: query.limit ?? 0 };
  const { productIds } = await ctx.clients.recommendation.listRecommendations(request, call);
  const answers = await Promise.all(
    productIds.map(async (id) => {
      try {
        return (await ctx.goods.product(id, call)).product;
      } catch (error) {
        // It was taken off sale a moment ago.
        if (isReason(error, "PRODUCT_NOT_FOUND")) return undefined;
        throw error;
      }
    }),
  );
  const products = answers.filter((product) => product !== undefined);
  const show = await priceView(ctx, query.currency, pricesOf(products), call);
  return listJson(products.map((product) => productJson(product, show)));
}

const getAds = endpoint({
  id: "listAds",
  method: "GET",
  path: "/api/ads",
  journey: "browse",
  tag: "Suggestions",
  summary: "Choose ads for a page",
  access: "anyone",
  query: AdQuery,
  status: 200,
  answer: AdList,
  run: async (ctx, { query, serviceCall }) => {
    const { contextKeys = [], limit = 0 } = query;
    try {
      const call = { ...serviceCall, timeoutMs: budgetMs };
      const { ads } = await ctx.clients.ad.getAds({ contextKeys, limit }, call);
      return listJson(ads.map(adJson));
    } catch (error) {
      serviceCall.marks.add("ad");
      ctx.log.debug({ err: error }, "There are no ads at the moment.");
      return listJson([]);
    }
  },
});

const clickAd = endpoint({
  id: "clickAd",
  method: "POST",
  path: "/api/ads/:id/click",
  journey: "browse",
  tag: "Suggestions",
  summary: "Count a click on an ad",
  access: "anyone",
  status: 200,
  answer: AdClick,
  refusals: { 404: ["AD_NOT_FOUND"] },
  run: async (ctx, { param, serviceCall }) => {
    const { redirectUrl } = await ctx.clients.ad.recordClick({ adId: param("id") }, serviceCall);
    return { redirectUrl };
  },
});

export const suggestionEndpoints = [listRecommendations, getAds, clickAd];
