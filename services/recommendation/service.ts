import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { RecommendationService } from "#gen/stoa/recommendation/v1/recommendation_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { RecommendationConfig } from "./config.ts";
import { openRecommendationContext, recommendationNeeds } from "./context.ts";
import { hipsterRecommendation } from "./hipstershop.ts";
import { recommendationInbox } from "./inbox.ts";
import { forgetOldDeedsJob } from "./jobs/forget-old-deeds.ts";
import { learnDeedsJob, learnWaiting } from "./jobs/learn-deeds.ts";
import { refreshMemory, refreshMemoryJob } from "./jobs/refresh-memory.ts";
import { listRecommendations } from "./rpc/list-recommendations.ts";
import { recordBehavior } from "./rpc/record-behavior.ts";

export const recommendation = defineService({
  name: "recommendation",
  config: RecommendationConfig,
  database: "recommendations_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 8081,
  contracts: [RecommendationService, hipstershop.RecommendationService],
  needs: recommendationNeeds,
  // The whole catalogue is read in pages, behind everybody's back.
  patience: { catalog: 5_000 },
  create: (kit) => {
    const ctx = openRecommendationContext(kit);
    const dropped = (error: unknown) =>
      kit.log.warn({ err: error }, "The latest visits could not be learned.");
    const unread = (error: unknown) =>
      kit.log.warn(
        { err: error },
        "The products cannot be read yet; until they can there are no suggestions.",
      );
    return {
      rpc: [
        bindRpcs(RecommendationService, ctx, { listRecommendations, recordBehavior }),
        hipsterRecommendation(ctx),
      ],
      inbox: recommendationInbox(),
      jobs: [learnDeedsJob(ctx), refreshMemoryJob(ctx), forgetOldDeedsJob(ctx)],
      seed: async () => await refreshMemory(ctx).catch(unread),
      close: async () => await learnWaiting(ctx).catch(dropped),
    };
  },
});
