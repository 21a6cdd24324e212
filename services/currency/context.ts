import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Kit } from "#platform/kit/service.ts";
import { bundled } from "./bundled-provider.ts";
import { createSnapshot, type RateSnapshot } from "./rate.ts";
import { ratePort, type RateProvider } from "./provider.ts";

export interface CurrencyContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly baseCurrency: string;
  readonly provider: RateProvider;
  /** The rates in force in this process. */
  rates: RateSnapshot;
}

export async function openCurrencyContext(kit: Kit): Promise<CurrencyContext> {
  const { db, clock, shop } = kit;
  const baseCurrency = shop.currency;
  const provider = await kit.provider(ratePort, { baseCurrency });
  // Until a live provider is heard, the bundled rates stand in.
  const [name, rates] = provider.isLive
    ? (["snapshot", bundled] as const)
    : ([provider.name, await provider.fetchRates()] as const);
  const asOf = rates.publishedOn === undefined ? clock.now() : new Date(rates.publishedOn);
  return { db, clock, baseCurrency, provider, rates: createSnapshot(name, rates, { asOf, baseCurrency }) };
}
