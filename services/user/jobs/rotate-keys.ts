import type { Job } from "#platform/database/jobs.ts";
import type { UserContext } from "../context.ts";
import { announceMs } from "../signing-key.ts";

/** Every process runs it: each holds the keys in memory, and says often which are given to it. */
export function rotateKeysJob({ keys }: Pick<UserContext, "keys">): Job {
  const everyMs = keys.areGiven ? announceMs : 60_000;
  return { name: "rotate-keys", everyMs, isExclusive: false, run: () => keys.refresh() };
}
