// What the demo goods cost in shops of several currencies: worked out by hand, with the bundled rates of 2019-03-01
// (1 EUR is 1.1305 USD and 126.40 JPY), rounded half to even. Those rates do not know KWD, so there the figures stay.
import assert from "node:assert/strict";

const costs: {
  readonly [usd: string]: { readonly EUR: string; readonly JPY: string; readonly KWD: string };
} = {
  "5.49": { EUR: "4.86", JPY: "614", KWD: "5.490" },
  "8.99": { EUR: "7.95", JPY: "1005", KWD: "8.990" },
  // Two mugs, each at the price above.
  "17.98": { EUR: "15.90", JPY: "2010", KWD: "17.980" },
  "18.49": { EUR: "16.36", JPY: "2067", KWD: "18.490" },
  "18.99": { EUR: "16.80", JPY: "2123", KWD: "18.990" },
  "19.99": { EUR: "17.68", JPY: "2235", KWD: "19.990" },
  "20.00": { EUR: "17.69", JPY: "2236", KWD: "20.000" },
  "24.99": { EUR: "22.11", JPY: "2794", KWD: "24.990" },
  "89.99": { EUR: "79.60", JPY: "10062", KWD: "89.990" },
  "109.99": { EUR: "97.29", JPY: "12298", KWD: "109.990" },
  "124.99": { EUR: "110.56", JPY: "13975", KWD: "124.990" },
};

export type ShopCurrency = "USD" | "EUR" | "JPY" | "KWD";

const signs = { USD: "$", EUR: "€", JPY: "¥", KWD: "KWD\u00a0" };
const figures = { USD: "[\\d,]+\\.\\d{2}", EUR: "[\\d,]+\\.\\d{2}", JPY: "[\\d,]+", KWD: "[\\d,]+\\.\\d{3}" };
const decimals = { USD: 2, EUR: 2, JPY: 0, KWD: 3 };

/** What a journey has to know about the money of its shop. */
export class DemoPrices {
  readonly currency: ShopCurrency;
  /** Other currencies that the shop sells in. */
  readonly others: readonly ShopCurrency[];

  constructor(currency: ShopCurrency) {
    this.currency = currency;
    const known = ["EUR", "USD", "JPY"] as const;
    this.others = currency === "KWD" ? [] : known.filter((code) => code !== currency);
  }

  /** The decimal string of what costs so much in a shop in dollars. */
  costs(usd: string): string {
    if (this.currency === "USD") return usd;
    return costs[usd]?.[this.currency] ?? assert.fail(`Nobody has worked out what ${usd} USD are.`);
  }

  /** The same as pages and mails write it. */
  shows(usd: string): string {
    return signs[this.currency] + this.costs(usd).replace(/\d(?=(\d{3})+(\.|$))/g, "$&,");
  }

  /** The same as whole units and billionths. */
  units(usd: string): { readonly units: bigint; readonly nanos: number } {
    const [whole = "", fraction = ""] = this.costs(usd).split(".");
    return { units: BigInt(whole), nanos: Number(fraction.padEnd(9, "0")) };
  }

  /** The amount of so many minor units: "1.50", "150", "0.150". */
  ofMinor(minor: number): string {
    const digits = decimals[this.currency];
    return (minor / 10 ** digits).toFixed(digits);
  }

  /** A pattern of any amount on a page. */
  anyAmount(currency: ShopCurrency = this.currency): string {
    return `${signs[currency].replace("$", "\\$")}${figures[currency]}(?![\\d.,])`;
  }
}
