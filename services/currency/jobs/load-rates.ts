import type { Job } from "#platform/database/jobs.ts";
import type { CurrencyContext } from "../context.ts";
import { createSnapshot } from "../rate.ts";
import { findNewestSnapshot } from "../store.ts";

export function loadRatesJob(ctx: CurrencyContext): Job {
  return { name: "load-rates", everyMs: 30_000, isExclusive: false, run: async () => await loadRates(ctx) };
}

/** Puts the newest saved rates in force in this process. */
export async function loadRates(ctx: CurrencyContext): Promise<void> {
  const { provider, baseCurrency } = ctx;
  const row = provider.isLive ? await findNewestSnapshot(ctx.db, provider.name) : undefined;
  if (!row) return;
  const rates = { publishedOn: row.publishedOn, units: new Map(Object.entries(row.units)) };
  ctx.rates = createSnapshot(provider.name, rates, { asOf: row.confirmedAt, baseCurrency });
}
