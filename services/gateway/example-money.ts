// Examples of the reference in the money of the shop: what somebody copies from it is taken.
import { restateMoney } from "#platform/kit/exchange.ts";
import { formatDecimal, parseDecimal } from "#platform/kit/money.ts";

/** The same document, the amounts in its examples said in this currency. */
export function withExamplesIn<T>(document: T, currency: string): T {
  return restated(document, currency, false) as T;
}

function restated(value: unknown, currency: string, isExample: boolean): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => restated(one, currency, isExample));
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    isExample && name === "currencyCode" && typeof inner === "string"
      ? currency
      : restated(inner, currency, isExample || name === "examples" || name === "example"),
  ]);
  const { amount, currencyCode } = value as { amount?: unknown; currencyCode?: unknown };
  if (isExample && typeof amount === "string" && typeof currencyCode === "string") {
    const shown = restateMoney(parseDecimal(amount, currencyCode, "amount"), currency);
    entries.push(["amount", formatDecimal(shown)]);
  }
  return Object.fromEntries(entries);
}
