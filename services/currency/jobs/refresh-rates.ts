import type { Job } from "#platform/database/jobs.ts";
import type { CurrencyContext } from "../context.ts";
import { createSnapshot } from "../rate.ts";
import { findNewestSnapshot, saveSnapshot } from "../store.ts";

const fetchEveryMs = 4 * 3_600_000;
/** A failed fetch is tried again this soon. */
const lookEveryMs = 10 * 60_000;

/** One process asks the provider; all others find what it saved. */
export function refreshJobs(ctx: CurrencyContext): Job[] {
  if (ctx.configured === "snapshot") return [];
  return [
    { name: "fetch-rates", everyMs: lookEveryMs, isExclusive: true, run: async () => await fetchRates(ctx) },
    { name: "load-rates", everyMs: 30_000, isExclusive: false, run: async () => await loadRates(ctx) },
  ];
}

/** Asks the provider unless it was heard within four hours. */
export async function fetchRates(ctx: CurrencyContext): Promise<void> {
  const newest = await findNewestSnapshot(ctx.db, ctx.configured);
  if (newest && ctx.clock.now().getTime() - newest.confirmedAt.getTime() < fetchEveryMs) return;
  await saveSnapshot(ctx.db, await ctx.provider.fetchRates());
  await loadRates(ctx);
}

/** Puts the newest saved rates in force in this process. */
export async function loadRates(ctx: CurrencyContext): Promise<void> {
  const row = await findNewestSnapshot(ctx.db, ctx.configured);
  if (!row) return;
  const { publishedOn, unitsPerEuro, confirmedAt } = row;
  const rates = { publishedOn, unitsPerEuro: new Map(Object.entries(unitsPerEuro)) };
  ctx.rates = createSnapshot(ctx.configured, rates, confirmedAt);
}
