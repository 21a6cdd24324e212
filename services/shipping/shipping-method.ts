// What sending costs and how long it takes: pure.
import { money, type Money } from "#platform/kit/money.ts";
import { findContinent } from "./continent.ts";

export type MethodCode = "standard" | "express";
export type Zone = "domestic" | "regional" | "world" | "contract";

export interface ShippingMethod {
  readonly code: MethodCode;
  readonly name: string;
  readonly cost: Money;
  readonly estimatedDays: number;
}

/** Costs are in the shop's base currency. */
const baseCurrency = "USD";
/** So many items travel at the base cost. */
const itemsIncluded = 5n;

interface Rate {
  readonly baseMinor: bigint;
  /** For each item beyond those included. */
  readonly itemMinor: bigint;
  readonly days: number;
}

/** Addresses of the foreign contract have one cost for all, whatever their size, because its clients count on it. */
const rates: { readonly [Z in Zone]: { readonly [M in MethodCode]: Rate } } = {
  contract: {
    standard: { baseMinor: 899n, itemMinor: 0n, days: 5 },
    express: { baseMinor: 1999n, itemMinor: 0n, days: 2 },
  },
  domestic: {
    standard: { baseMinor: 899n, itemMinor: 75n, days: 5 },
    express: { baseMinor: 1999n, itemMinor: 150n, days: 2 },
  },
  regional: {
    standard: { baseMinor: 1499n, itemMinor: 125n, days: 8 },
    express: { baseMinor: 3499n, itemMinor: 250n, days: 3 },
  },
  world: {
    standard: { baseMinor: 2499n, itemMinor: 200n, days: 14 },
    express: { baseMinor: 5499n, itemMinor: 400n, days: 5 },
  },
};

const names: { readonly [M in MethodCode]: string } = {
  standard: "Standard shipping",
  express: "Express shipping",
};

/** What of an address decides about the cost. */
export interface Destination {
  readonly country: string;
  readonly freeText: boolean;
}

export function zoneOf(destination: Destination | undefined, originCountry: string): Zone {
  if (destination === undefined) return "domestic";
  if (destination.freeText) return "contract";
  if (destination.country === originCountry) return "domestic";
  return findContinent(destination.country) === findContinent(originCountry) ? "regional" : "world";
}

/** The ways to send so many items, cheapest first; nothing costs nothing. */
export function quoteMethods(zone: Zone, itemCount: bigint): ShippingMethod[] {
  const methods = (Object.keys(names) as MethodCode[]).map((code) => {
    const { baseMinor, itemMinor, days } = rates[zone][code];
    const extra = itemCount > itemsIncluded ? itemCount - itemsIncluded : 0n;
    const minor = itemCount > 0n ? baseMinor + extra * itemMinor : 0n;
    return { code, name: names[code], cost: money(baseCurrency, minor), estimatedDays: days };
  });
  return methods.sort((a, b) => Number(a.cost.minor - b.cost.minor));
}

/** The name of a method, for people. */
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
