import type { Job } from "#platform/database/jobs.ts";
import type { CheckoutContext } from "../context.ts";
import { deleteOld } from "../store.ts";

/** Ends what is kept for a time only: quotes and idempotency keys. */
export function forgetOld(ctx: CheckoutContext): Job {
  return { name: "forget-old", everyMs: 3_600_000, isExclusive: true, run: () => deleteOld(ctx.db) };
}
