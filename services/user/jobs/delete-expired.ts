import type { Job } from "#platform/database/jobs.ts";
import type { UserContext } from "../context.ts";
import { deleteExpired } from "../session-store.ts";

const batchSize = 1000;

export function deleteExpiredJob(ctx: Pick<UserContext, "db" | "clock">): Job {
  return {
    name: "delete-expired",
    everyMs: 600_000,
    isExclusive: true,
    run: async (signal) => {
      while (!signal.aborted && (await deleteExpired(ctx.db, ctx.clock.now(), batchSize)) > 0);
    },
  };
}
