import type { Job } from "#platform/database/jobs.ts";
import type { CurrencyContext } from "../context.ts";
import { createSnapshot } from "../rate.ts";
import { findNewestSnapshot, saveSnapshot } from "../store.ts";
import { loadRates } from "./load-rates.ts";

const fetchEveryMs = 4 * 3_600_000;
/** A failed fetch is tried again this soon. */
const lookEveryMs = 10 * 60_000;

/** One process asks the provider; all others find what it saved. */
export function fetchRatesJob(ctx: CurrencyContext): Job {
  const run = async () => await fetchRates(ctx);
  return { name: "fetch-rates", everyMs: lookEveryMs, isExclusive: true, run };
}

/** Asks the provider unless it was heard within four hours. */
export async function fetchRates(ctx: CurrencyContext): Promise<void> {
  const newest = await findNewestSnapshot(ctx.db, ctx.provider.name);
  if (newest && ctx.clock.now().getTime() - newest.confirmedAt.getTime() < fetchEveryMs) return;
  const { provider, baseCurrency } = ctx;
  const published = await provider.fetchRates();
  const snapshot = createSnapshot(provider.name, published, { asOf: ctx.clock.now(), baseCurrency });
  await saveSnapshot(ctx.db, snapshot);
  await loadRates(ctx);
}
