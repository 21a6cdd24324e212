// Exact amounts: integer minor units and an ISO 4217 code. The only arithmetic on prices.
import { invalid } from "./errors.ts";

/** 19.99 USD is `{ currencyCode: "USD", minor: 1999n }`. Generated Money messages fit this shape. */
export interface Money {
  readonly currencyCode: string;
  readonly minor: bigint;
}

/** A plain Money. */
export function money(currencyCode: string, minor: bigint): Money {
  return { currencyCode, minor };
}

export function zero(currencyCode: string): Money {
  return { currencyCode, minor: 0n };
}

/** ISO 4217 minor units that are not 2. Written down here because Intl's answer changes with the version of Node.js. */
const decimalsByCode = new Map<string, number>([
  ...["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"].map(withDecimals(0)),
  ...["UYI", "VND", "VUV", "XAF", "XOF", "XPF"].map(withDecimals(0)),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map(withDecimals(3)),
  ...["CLF", "UYW"].map(withDecimals(4)),
]);

function withDecimals(decimals: number): (code: string) => [string, number] {
  return (code) => [code, decimals];
}

/** Decimals of the minor unit after ISO 4217: USD 2, JPY 0, KWD 3. Three capital letters required. */
export function decimalsOf(currencyCode: string): number {
  const known = decimalsByCode.get(currencyCode);
  if (known !== undefined) return known;
  if (!/^[A-Z]{3}$/.test(currencyCode)) {
    throw invalid([{ path: "currencyCode", message: "must be an ISO 4217 code of three capital letters" }]);
  }
  return 2;
}

/** ISO 4217 codes of what people pay with: no metals, funds, units of account, test codes, and none that went. */
const currencies: ReadonlySet<string> = new Set(
  (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC " +
    "CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK " +
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR " +
    "MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP " +
    "STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
  ).split(" "),
);

/** True for the code of a currency that somebody can be charged in. Which of them the shop shows prices in is another question. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** Sum of two amounts of one currency. Throws a plain Error on a mix: that is a bug, not a request. */
export function add(a: Money, b: Money): Money {
  assertSameCurrency(a, b);
  return money(a.currencyCode, a.minor + b.minor);
}

export function subtract(a: Money, b: Money): Money {
  assertSameCurrency(a, b);
  return money(a.currencyCode, a.minor - b.minor);
}

/** Amount times a whole number. */
export function times(amount: Money, factor: number | bigint): Money {
  return money(amount.currencyCode, amount.minor * BigInt(factor));
}

/** Sum of many; `currencyCode` names the currency of an empty sum. */
export function sum(currencyCode: string, amounts: Iterable<Money>): Money {
  let total = zero(currencyCode);
  for (const amount of amounts) total = add(total, amount);
  return total;
}

export function isSame(a: Money, b: Money): boolean {
  return a.currencyCode === b.currencyCode && a.minor === b.minor;
}

/**
 * `numerator / denominator` rounded to the nearest integer, ties to the even one (IEEE 754 roundTiesToEven), for any signs.
 * The denominator must not be 0.
 */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator < 0n) return divideHalfEven(-numerator, -denominator);
  const quotient = numerator / denominator;
  const rest = numerator - quotient * denominator;
  const doubled = (rest < 0n ? -rest : rest) * 2n;
  if (doubled < denominator) return quotient;
  const away = numerator < 0n ? quotient - 1n : quotient + 1n;
  if (doubled > denominator) return away;
  return quotient % 2n === 0n ? quotient : away;
}

/**
 * Splits an amount by weights so that the parts add up to it exactly: largest-remainder method, earlier parts first on ties.
 * Weights are not negative and at least one is positive.
 */
export function allocate(amount: Money, weights: readonly bigint[]): Money[] {
  const whole = weights.reduce((total, weight) => total + weight, 0n);
  if (whole <= 0n || weights.some((weight) => weight < 0n))
    throw new Error("allocate needs weights that add up to more than 0.");
  const sign = amount.minor < 0n ? -1n : 1n;
  const size = amount.minor * sign;
  const parts = weights.map((weight, index) => ({
    index,
    share: (size * weight) / whole,
    rest: (size * weight) % whole,
  }));
  let left = size - parts.reduce((total, part) => total + part.share, 0n);
  const byRest = [...parts].sort((a, b) =>
    a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1,
  );
  for (const part of byRest) {
    if (left === 0n) break;
    part.share += 1n;
    left -= 1n;
  }
  return parts.map((part) => money(amount.currencyCode, part.share * sign));
}

/** "19.99" for 1999 USD, "20" for 20 JPY: the decimal string of the REST API. */
export function formatDecimal(amount: Money): string {
  const decimals = decimalsOf(amount.currencyCode);
  const sign = amount.minor < 0n ? "-" : "";
  const digits = (amount.minor < 0n ? -amount.minor : amount.minor).toString().padStart(decimals + 1, "0");
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Longest decimal string that is read, without zeros that say nothing and with them: enough for any price, and harmless. */
const decimalLengthMax = 18;
const writtenLengthMax = 40;

/**
 * Reads "19.99" strictly: digits, at most one point, no sign unless `negative` is allowed. Of decimals beyond those that the currency
 * has, zeros are the same amount ("12.500" USD), anything else is refused. Throws `invalid` naming `path`.
 */
export function parseDecimal(text: string, currencyCode: string, path = "amount", negative = false): Money {
  const decimals = decimalsOf(currencyCode);
  const match = text.length <= writtenLengthMax ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) : null;
  const fraction = (match?.[3] ?? "").slice(0, decimals);
  const beyond = (match?.[3] ?? "").slice(decimals);
  const isShort = text.length - beyond.length <= decimalLengthMax;
  if (!match || !isShort || (match[1] && !negative) || /[1-9]/.test(beyond)) {
    const message = `must be a decimal number with at most ${decimals} decimals for ${currencyCode}`;
    throw invalid([{ path, message }]);
  }
  const minor = BigInt(`${match[2]}${fraction.padEnd(decimals, "0")}`);
  return money(currencyCode, match[1] ? -minor : minor);
}

function assertSameCurrency(a: Money, b: Money): void {
  if (a.currencyCode !== b.currencyCode)
    throw new Error(`Cannot mix ${a.currencyCode} and ${b.currencyCode}.`);
}
