import type { Job } from "#platform/database/jobs.ts";
import type { CurrencyContext } from "../context.ts";
import { createSnapshot } from "../rate.ts";
import { findNewestSnapshot, saveSnapshot } from "../store.ts";

const fetchEveryMs = 4 * 3_600_000;
/** A failed fetch is tried again this soon. */
const lookEveryMs = 10 * 60_000;

/** One process asks the provider; all others find what it saved. */
export function fetchRatesJob(ctx: CurrencyContext): Job {
  const run = async () => await fetchRates(ctx);
  return { name: "fetch-rates", everyMs: lookEveryMs, isExclusive: true, run };
}

export function loadRatesJob(ctx: CurrencyContext): Job {
  return { name: "load-rates", everyMs: 30_000, isExclusive: false, run: async () => await loadRates(ctx) };
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

/** Puts the newest saved rates in force in this process. */
export async function loadRates(ctx: CurrencyContext): Promise<void> {
  const { provider, baseCurrency } = ctx;
  const row = provider.isLive ? await findNewestSnapshot(ctx.db, provider.name) : undefined;
  if (!row) return;
  const rates = { publishedOn: row.publishedOn, units: new Map(Object.entries(row.units)) };
  ctx.rates = createSnapshot(provider.name, rates, { asOf: row.confirmedAt, baseCurrency });
}
