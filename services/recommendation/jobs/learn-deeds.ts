import type { Job } from "#platform/database/jobs.ts";
import type { RecommendationContext } from "../context.ts";
import { learnDeeds } from "../learning.ts";

const batchSize = 1_000;

/** Every process learns what it was told, every two seconds: one transaction for all its visitors. */
export function learnDeedsJob(ctx: RecommendationContext): Job {
  return {
    name: "learn-deeds",
    everyMs: 2_000,
    isExclusive: false,
    run: async () => await learnWaiting(ctx),
  };
}

/** What cannot be learned is dropped: it would change nothing but suggestions. */
export async function learnWaiting({ db, waiting }: RecommendationContext): Promise<void> {
  while (waiting.length > 0) {
    const deeds = waiting.splice(0, batchSize);
    await db.inTransaction(async (tx) => await learnDeeds(tx, deeds));
  }
}
