import type { RecordClickRequest } from "#gen/stoa/ad/v1/ad_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import type { AdContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { addClick } from "../store.ts";

export async function recordClick(ctx: AdContext, { adId }: RecordClickRequest, call: Call) {
  // public: whoever sees an ad may follow it
  const ad = ctx.rotation.find(adId);
  if (!ad) throw refusal("AD_NOT_FOUND");
  try {
    await addClick(ctx.db, ad.id, ctx.clock.now());
  } catch (error) {
    // The visitor gets to where the ad leads, counted or not.
    call.log.warn({ err: error, adId }, "A click on an ad could not be counted.");
  }
  return { redirectUrl: ad.redirectUrl };
}
