import { sweepAll, type Job } from "#platform/database/jobs.ts";
import type { UserContext } from "../context.ts";
import { deleteOldPasswordResets } from "../password-reset-store.ts";
import { deleteExpired } from "../session-store.ts";

export function deleteExpiredJob(ctx: Pick<UserContext, "db" | "clock">): Job {
  return {
    name: "delete-expired",
    everyMs: 600_000,
    isExclusive: true,
    run: async (signal) => {
      await sweepAll(signal, async (size) => await deleteExpired(ctx.db, ctx.clock.now(), size));
      await sweepAll(signal, async (size) => await deleteOldPasswordResets(ctx.db, ctx.clock.now(), size));
    },
  };
}
