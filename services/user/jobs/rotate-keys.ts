import type { Job } from "#platform/database/jobs.ts";
import type { UserContext } from "../context.ts";

/** Every process runs it: each holds the keys in memory. */
export function rotateKeysJob(ctx: Pick<UserContext, "keys">): Job {
  return { name: "rotate-keys", everyMs: 60_000, isExclusive: false, run: () => ctx.keys.refresh() };
}
