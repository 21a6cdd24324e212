import type { Job } from "#platform/database/jobs.ts";
import { gauge } from "#platform/telemetry/metrics.ts";
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
  if (!row) return showAge(ctx);
  const rates = { publishedOn: row.publishedOn, units: new Map(Object.entries(row.units)) };
  ctx.rates = createSnapshot(provider.name, rates, { asOf: row.confirmedAt, baseCurrency });
  showAge(ctx);
}

const age = gauge(
  "stoa_rates_age_seconds",
  "How long ago the provider of exchange rates was last heard to offer those in force. Above a day it is away, and prices in other currencies drift. 0 for rates that are fixed or bundled: they do not age.",
);

function showAge({ provider, rates, clock }: CurrencyContext): void {
  age.set(provider.isLive ? (clock.now().getTime() - rates.asOf.getTime()) / 1000 : 0);
}
