import type { Job } from "#platform/database/jobs.ts";
import type { RecommendationContext } from "../context.ts";
import { forgetOldDeeds } from "../store.ts";

export function forgetOldDeedsJob({ db }: Pick<RecommendationContext, "db">): Job {
  const run = async () => await forgetOldDeeds(db);
  return { name: "forget-old-deeds", everyMs: 6 * 3_600_000, isExclusive: true, run };
}
