import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { AdConfig } from "./config.ts";
import { openAdContext } from "./context.ts";
import { hipsterAd } from "./hipstershop.ts";
import { loadAdsJob, seedAds } from "./jobs/load-ads.ts";
import { getAds } from "./rpc/get-ads.ts";
import { recordClick } from "./rpc/record-click.ts";

export const ad = defineService({
  name: "ad",
  config: AdConfig,
  database: "ads_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 9555,
  contracts: [AdService, hipstershop.AdService],
  needs: {},
  create: (kit) => {
    const ctx = openAdContext(kit);
    return {
      rpc: [bindRpcs(AdService, ctx, { getAds, recordClick }), hipsterAd(ctx)],
      jobs: [loadAdsJob(ctx)],
      seed: async () => await seedAds(ctx),
    };
  },
});
