import { decimalsOf } from "#platform/kit/money.ts";
import type { Money } from "#gen/rest/types.ts";

const formats = new Map<string, Intl.NumberFormat>();

/** "$19.99", "CA$26.75", "¥2,235": exact, because the format reads the digits and no float. */
export function priceText({ amount, currencyCode }: Money): string {
  let format = formats.get(currencyCode);
  if (!format) {
    // Intl's own decimals differ from ISO 4217 for some currencies (HUF, IDR), and would round what is charged.
    const decimals = decimalsOf(currencyCode);
    format = new Intl.NumberFormat("en-US", {
      style: "currency",
      currency: currencyCode,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(currencyCode, format);
  }
  return format.format(amount as `${number}`);
}

export function isZero({ amount }: Money): boolean {
  return /^-?0*(\.0*)?$/.test(amount);
}
