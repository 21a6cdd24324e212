import type { RateSnapshot } from "./rate.ts";

/** A source of exchange rates. */
export interface RateProvider {
  /** The newest rates there are. Rejects with an Error for the log when they cannot be had or cannot be right. */
  fetchRates(): Promise<RateSnapshot>;
}
