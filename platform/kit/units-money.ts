// Money of foreign contracts (whole units and billionths of a unit) to and from our minor units.
import { invalid } from "./errors.ts";
import { decimalsOf, divideHalfEven, money, type Money } from "./money.ts";

/** 19.99 USD is `{ currencyCode: "USD", units: 19n, nanos: 990000000 }`: the shape of google.type.Money and its kin. */
export interface UnitsMoney {
  readonly currencyCode: string;
  readonly units: bigint;
  readonly nanos: number;
}

const nanosOfUnit = 1_000_000_000n;
const int64Max = 2n ** 63n - 1n;

/** Exact for every amount: units and nanos carry the sign of the amount, both. Throws `invalid` for a code that is none. */
export function toUnitsMoney(amount: Money): UnitsMoney {
  const minorOfUnit = 10n ** BigInt(decimalsOf(amount.currencyCode));
  return {
    currencyCode: amount.currencyCode,
    units: amount.minor / minorOfUnit,
    nanos: Number((amount.minor % minorOfUnit) * (nanosOfUnit / minorOfUnit)),
  };
}

/**
 * Rounds to the minor unit of the currency, ties to the even one. Throws `invalid` naming `path` for what no amount is:
 * units and nanos of different signs, a whole unit or more in nanos, or more than 64 bits hold.
 */
export function fromUnitsMoney(amount: UnitsMoney, path = "money"): Money {
  const { currencyCode, units, nanos } = amount;
  const minorOfUnit = 10n ** BigInt(decimalsOf(currencyCode));
  if (!Number.isInteger(nanos) || Math.abs(nanos) >= Number(nanosOfUnit))
    throw invalid([{ path: `${path}.nanos`, message: "must be from -999999999 to 999999999" }]);
  if ((units > 0n && nanos < 0) || (units < 0n && nanos > 0))
    throw invalid([{ path, message: "must have units and nanos of one sign" }]);
  const minor = divideHalfEven(units * nanosOfUnit + BigInt(nanos), nanosOfUnit / minorOfUnit);
  if (minor > int64Max || minor < -int64Max) throw invalid([{ path, message: "is too large an amount" }]);
  return money(currencyCode, minor);
}
