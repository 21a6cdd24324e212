import bundled from "./bundled-rates.json" with { type: "json" };
import { createSnapshot } from "./rate.ts";
import type { RateProvider } from "./rate-provider.ts";

/** The rates that come with the program: always there, never new. */
export function createBundledProvider(): RateProvider {
  const { publishedOn, unitsPerEuro } = bundled;
  const rates = { publishedOn, unitsPerEuro: new Map(Object.entries(unitsPerEuro)) };
  const snapshot = createSnapshot("snapshot", rates, new Date(publishedOn));
  return { fetchRates: () => Promise.resolve(snapshot) };
}
