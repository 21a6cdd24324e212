import { AdService, type AdRequest } from "#gen/hipstershop/demo_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import type { AdContext } from "./context.ts";

const keysMax = 50;
const matchingMax = 20;
const anyMax = 2;

/** The ad service of the Online Boutique's contract. Public: it has no identity to ask for. */
export function hipsterAd(ctx: AdContext) {
  return bindRpcs(AdService, ctx, { getAds });
}

/** All ads that match, or two of any; never none, because clients of the contract pick one without looking. */
async function getAds({ rotation }: AdContext, { contextKeys }: AdRequest) {
  const keys = contextKeys.slice(0, keysMax);
  const ads = rotation.next(keys, rotation.matches(keys) ? matchingMax : anyMax);
  return await Promise.resolve({ ads: ads.map(({ redirectUrl, text }) => ({ redirectUrl, text })) });
}
