import { Secret } from "#platform/kit/config.ts";
import { appError } from "#platform/kit/errors.ts";
import { errors } from "./errors.ts";

/** A card as it is typed in. */
export interface TypedCard {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  /** Absent where the contract does not ask for three digits. */
  readonly cvc?: string;
}

/** A card that can exist. Its number prints as *** and lives no longer than the request. */
export interface Card {
  readonly number: Secret;
  readonly brand: Brand;
  readonly last4: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

export type Brand = "visa" | "mastercard";

export interface CardRules {
  readonly now: Date;
  /** How far ahead an expiry may lie. */
  readonly yearsAheadMax: number;
}

/** Cards do not live this long, though the foreign contract's load generator makes some up that are good for 71 years; a year beyond it is a typing error. */
export const yearsAheadMax = 100;

/** Checks everything that can be known without the bank. Throws CARD_INVALID naming the field. */
export function parseCard(typed: TypedCard, rules: CardRules): Card {
  const digits = digitsOf(typed.number);
  const brand = digits === undefined ? undefined : brandOf(digits);
  if (digits === undefined || !isLuhnValid(digits))
    throw cardInvalid("number", "The card number is not valid. Check it for typing errors.");
  if (brand === undefined) throw cardInvalid("number", "Only Visa and Mastercard are accepted.");
  checkExpiry(typed, rules);
  if (typed.cvc !== undefined && !/^[0-9]{3}$/.test(typed.cvc))
    throw cardInvalid("cvc", "The security code must be the three digits on the back of the card.");
  const { expiryMonth, expiryYear } = typed;
  return { number: new Secret(digits), brand, last4: digits.slice(-4), expiryMonth, expiryYear };
}

/** 12 to 19 ASCII digits; spaces and dashes between them do not count. */
function digitsOf(number: string): string | undefined {
  if (number.length > 40 || !/^[0-9 -]+$/.test(number)) return undefined;
  const digits = number.replace(/[ -]/g, "");
  return digits.length >= 12 && digits.length <= 19 ? digits : undefined;
}

/** ISO/IEC 7812-1, annex B. */
function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function brandOf(digits: string): Brand | undefined {
  if (digits.startsWith("4") && [13, 16, 19].includes(digits.length)) return "visa";
  const prefix = Number(digits.slice(0, 4));
  const isMastercard = (prefix >= 5100 && prefix <= 5599) || (prefix >= 2221 && prefix <= 2720);
  return isMastercard && digits.length === 16 ? "mastercard" : undefined;
}

/** A card is good until its month has ended. */
function checkExpiry({ expiryMonth, expiryYear }: TypedCard, rules: CardRules): void {
  if (!Number.isInteger(expiryMonth) || expiryMonth < 1 || expiryMonth > 12)
    throw cardInvalid("expiryMonth", "The expiry month must be from 1 to 12.");
  if (!Number.isInteger(expiryYear) || expiryYear < 1000 || expiryYear > 9999)
    throw cardInvalid("expiryYear", "The expiry year must have four digits.");
  const { now } = rules;
  if (expiryYear * 12 + expiryMonth < now.getUTCFullYear() * 12 + now.getUTCMonth() + 1)
    throw cardInvalid("expiryYear", "The card has expired. Use another one.");
  if (expiryYear > now.getUTCFullYear() + rules.yearsAheadMax)
    throw cardInvalid("expiryYear", "The expiry year is too far ahead. Check it for typing errors.");
}

function cardInvalid(field: string, publicMessage: string) {
  return appError(errors.CARD_INVALID.kind, "CARD_INVALID", {
    publicMessage,
    violations: [{ path: `card.${field}`, message: publicMessage }],
  });
}
