import { definePort } from "#platform/kit/extension.ts";

/** Rates as a provider publishes them. */
export interface PublishedRates {
  /** yyyy-mm-dd; absent for rates that belong to no day, which only those of a provider that is not live may. */
  readonly publishedOn?: string | undefined;
  /**
   * By currency code, how many units of it are worth one and the same amount: decimal strings with at most 8 decimals, in the
   * order in which they are listed.
   */
  readonly units: ReadonlyMap<string, string>;
}

/** A source of exchange rates; `provider.contract.ts` is the suite that every one passes. */
export interface RateProvider {
  /** What it is chosen by, and what orders and callers know its rates by. */
  readonly name: string;
  /** Whether rates may change while the shop runs; such a provider is asked every four hours. */
  readonly isLive: boolean;
  /** The newest rates there are. Rejects with an Error for the log when they cannot be had or cannot be right. */
  fetchRates(): Promise<PublishedRates>;
}

/** What an implementation is told. */
export interface RateProviderGiven {
  /** The currency the shop keeps its prices in. */
  readonly baseCurrency: string;
}

export const ratePort = definePort<RateProvider, RateProviderGiven>("currency-rates");
