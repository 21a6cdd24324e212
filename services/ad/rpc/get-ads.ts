import type { GetAdsRequest } from "#gen/stoa/ad/v1/ad_pb.js";
import type { Ad } from "../ad.ts";
import type { AdContext } from "../context.ts";

const limitDefault = 2;
const limitMax = 20;
const keysMax = 50;

export async function getAds(ctx: AdContext, { contextKeys, limit }: GetAdsRequest) {
  // public: ads are on every page
  const count = limit === 0 ? limitDefault : Math.min(limit, limitMax);
  const ads = ctx.rotation.next(contextKeys.slice(0, keysMax), count);
  return await Promise.resolve({ ads: ads.map(shownAd) });
}

function shownAd({ id, redirectUrl, text, imageUrl }: Ad) {
  return { id, redirectUrl, text, imageUrl };
}
