// What sending costs and how long it takes: pure.
import { restateMoney } from "#platform/kit/exchange.ts";
import { add, money, times, zero, type Money } from "#platform/kit/money.ts";
import { findContinent } from "./continent.ts";
import type { ShippingMethod } from "./provider.ts";

export type MethodCode = "standard" | "express";
export type Zone = "domestic" | "regional" | "world" | "contract";

/** So many items travel at the base cost. */
const itemsIncluded = 5n;

interface Rate {
  readonly base: Money;
  /** For each item beyond those included. */
  readonly item: Money;
  readonly days: number;
}

export type RateTable = { readonly [Z in Zone]: { readonly [M in MethodCode]: Rate } };

/** The house's rates, in the currency they were made for. Its numbers are whole cents. */
const houseRates = {
  /** Addresses of the foreign contract have one cost for all, whatever their size, because its clients count on it. */
  contract: { standard: rate(899n, 0n, 5), express: rate(1999n, 0n, 2) },
  domestic: { standard: rate(899n, 75n, 5), express: rate(1999n, 150n, 2) },
  regional: { standard: rate(1499n, 125n, 8), express: rate(3499n, 250n, 3) },
  world: { standard: rate(2499n, 200n, 14), express: rate(5499n, 400n, 5) },
} satisfies RateTable;

function rate(baseCents: bigint, itemCents: bigint, days: number): Rate {
  return { base: money("USD", baseCents), item: money("USD", itemCents), days };
}

/** The house's rates in a shop's currency: as much, where the bundled rates know it, else the same figures. */
export function ratesIn(currencyCode: string): RateTable {
  const restated = ({ base, item, days }: Rate) => ({
    base: restateMoney(base, currencyCode),
    item: restateMoney(item, currencyCode),
    days,
  });
  const zones = Object.entries(houseRates).map(([zone, { standard, express }]) => [
    zone,
    { standard: restated(standard), express: restated(express) },
  ]);
  return Object.fromEntries(zones) as RateTable;
}

const names: { readonly [M in MethodCode]: string } = {
  standard: "Standard shipping",
  express: "Express shipping",
};

/** What of an address decides about the cost. */
export interface Destination {
  readonly country: string;
  readonly freeText: boolean;
  /** Set where a name was written for the country: the cost is that of the country it was taken for. */
  readonly countryName?: string;
}

export function zoneOf(destination: Destination | undefined, originCountry: string): Zone {
  if (destination === undefined) return "domestic";
  if (destination.freeText && !destination.countryName) return "contract";
  if (destination.country === originCountry) return "domestic";
  return findContinent(destination.country) === findContinent(originCountry) ? "regional" : "world";
}

/** The ways to send so many items, cheapest first; nothing costs nothing. */
export function quoteMethods(rates: RateTable, zone: Zone, itemCount: bigint): ShippingMethod[] {
  const methods = (Object.keys(names) as MethodCode[]).map((code) => {
    const { base, item, days } = rates[zone][code];
    const extra = itemCount > itemsIncluded ? itemCount - itemsIncluded : 0n;
    const cost = itemCount > 0n ? add(base, times(item, extra)) : zero(base.currencyCode);
    return { code, name: names[code], cost, estimatedDays: days };
  });
  return methods.sort((a, b) => Number(a.cost.minor - b.cost.minor));
}

/** Cheapest first. Throws when a provider answers what no shop can show: that is a defect of the provider. */
export function requireSoundMethods(
  methods: readonly ShippingMethod[],
  currencyCode: string,
): readonly ShippingMethod[] {
  const isSound = ({ cost }: ShippingMethod) => cost.currencyCode === currencyCode && cost.minor >= 0n;
  const codes = new Set(methods.map(({ code }) => code));
  if (codes.size === 0 || codes.size !== methods.length || !methods.every(isSound))
    throw new Error(
      `The shipping provider must answer methods with a code each and a cost in ${currencyCode} that is not negative, but answered ${methods.map(({ code, cost }) => `${code} at ${cost.minor} ${cost.currencyCode}`).join(", ") || "none"}.`,
    );
  return methods.toSorted((a, b) => Number(a.cost.minor - b.cost.minor));
}

/** The name of a method of the house, for people. */
export function methodName(code: string): string {
  return code in names ? names[code as MethodCode] : code;
}

/** The date so many working days after `from`; parcels rest on Saturdays and Sundays. */
export function addWorkingDays(from: Date, days: number): Date {
  const date = new Date(from);
  for (let left = days; left > 0;) {
    date.setUTCDate(date.getUTCDate() + 1);
    if (date.getUTCDay() !== 0 && date.getUTCDay() !== 6) left -= 1;
  }
  return date;
}
