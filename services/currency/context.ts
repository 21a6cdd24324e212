import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Kit, Needs } from "#platform/kit/service.ts";
import { createBundledProvider } from "./bundled-provider.ts";
import type { CurrencyConfig } from "./config.ts";
import { createEcbProvider } from "./ecb-provider.ts";
import type { ProviderName, RateSnapshot } from "./rate.ts";
import type { RateProvider } from "./rate-provider.ts";

export interface CurrencyContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly configured: ProviderName;
  readonly provider: RateProvider;
  /** The rates in force in this process. */
  rates: RateSnapshot;
}

export async function openCurrencyContext({
  config,
  db,
  clock,
}: Kit<typeof CurrencyConfig, Needs>): Promise<CurrencyContext> {
  const bundled = createBundledProvider();
  const configured = config.CURRENCY_PROVIDER;
  const provider =
    configured === "ecb" ? createEcbProvider({ url: config.CURRENCY_ECB_URL, clock }) : bundled;
  return { db, clock, configured, provider, rates: await bundled.fetchRates() };
}
