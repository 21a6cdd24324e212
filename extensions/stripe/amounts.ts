// Amounts as Stripe counts them: in the smallest unit of the currency, but for some currencies.
import { money, type Money } from "#platform/kit/money.ts";

/** No decimals after ISO 4217, and two in the API. */
const withTwoMore = new Set(["ISK"]);
/** Stripe's documents of different years count these differently, so that a mistake by a factor of a hundred is possible. */
const uncertain = new Set(["UGX"]);
const threeDecimals = new Set(["BHD", "JOD", "KWD", "OMR", "TND"]);

/** Undefined when Stripe cannot move exactly this amount. */
export function toStripeAmount({ currencyCode, minor }: Money): number | undefined {
  if (uncertain.has(currencyCode)) return undefined;
  // Card networks know two decimals of these currencies, and we change no amount in silence.
  if (threeDecimals.has(currencyCode) && minor % 10n !== 0n) return undefined;
  const amount = withTwoMore.has(currencyCode) ? minor * 100n : minor;
  return amount <= 99_999_999n ? Number(amount) : undefined;
}

export function fromStripeAmount(amount: number, currency: string): Money {
  const currencyCode = currency.toUpperCase();
  const minor = BigInt(amount);
  return money(currencyCode, withTwoMore.has(currencyCode) ? minor / 100n : minor);
}
