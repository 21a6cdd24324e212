// Somebody else's ads: a text and where it leads, without a name or a picture.
import { create } from "@bufbuild/protobuf";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { AdService, GetAdsResponseSchema } from "#gen/stoa/ad/v1/ad_pb.js";
import { appError } from "#platform/kit/errors.ts";
import { defineForeignNeighbour } from "#platform/kit/foreign-neighbour.ts";
import { idFromName } from "#platform/kit/ids.ts";

const limitDefault = 2;
/** A path on this origin: what leads elsewhere is not shown. */
const ownPath = /^\/(?![/\\])[^\s<>"]{0,500}$/;

export const foreignAd = defineForeignNeighbour({
  ours: AdService,
  theirs: hipstershop.AdService,
  translate: ({ theirs }) => {
    const shown = new Map<string, string>();
    return {
      getAds: async ({ contextKeys = [], limit = 0 }, options = {}) => {
        const { timeoutMs, scope, requestId, trace } = options;
        const answer = await theirs.getAds({ contextKeys }, { timeoutMs, scope, requestId, trace });
        const ads = answer.ads
          .filter(({ redirectUrl }) => ownPath.test(redirectUrl))
          .slice(0, limit || limitDefault)
          .map(({ redirectUrl, text }) => ({
            id: idFromName("stoa.foreign-ad", redirectUrl),
            redirectUrl,
            text,
          }));
        if (shown.size > 1_000) shown.clear();
        for (const { id, redirectUrl } of ads) shown.set(id, redirectUrl);
        return create(GetAdsResponseSchema, { ads });
      },
      recordClick: async ({ adId = "" }) => {
        const redirectUrl = shown.get(adId);
        if (redirectUrl === undefined)
          throw appError("not_found", "AD_NOT_FOUND", { publicMessage: "There is no such ad." });
        return await Promise.resolve({ $typeName: "stoa.ad.v1.RecordClickResponse" as const, redirectUrl });
      },
    };
  },
});
