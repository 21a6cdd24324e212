import type { Job } from "#platform/database/jobs.ts";
import type { UserContext } from "../context.ts";
import { eraseAccount } from "../erase-account.ts";
import { listErasedAccounts } from "../store.ts";

/** A restored backup brings back whoever was erased after it was made; the activity log says who that is, and everyone forgets them again. */
export function eraseAgainJob(ctx: Pick<UserContext, "db" | "clock" | "outbox" | "log">): Job {
  return {
    name: "erase-again",
    everyMs: 3_600_000,
    isExclusive: true,
    run: async (signal) => {
      for (const { id, email } of await listErasedAccounts(ctx.db)) {
        if (signal.aborted) return;
        await eraseAccount(ctx, email, { cause: {}, actor: { kind: "service", id: "erase-again" } });
        ctx.log.warn(
          { userId: id },
          "An account that had been erased was back, as after a restore. It was erased again.",
        );
      }
    },
  };
}
