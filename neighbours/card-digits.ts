// What can be known of a card before it is handed on to somebody else: pure.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CardSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { appError } from "#platform/kit/errors.ts";

type Card = MessageInitShape<typeof CardSchema>;

/** Brand and last four digits. Throws CARD_INVALID for what is no number of a card; the rest is for the payment service to say. */
export function cardFacts({ number = "" }: Card): {
  readonly digits: string;
  readonly brand: string;
  readonly last4: string;
} {
  const digits = number.replace(/[ -]/g, "");
  if (number.length > 40 || !/^\d{12,19}$/.test(digits) || !isLuhnValid(digits))
    throw appError("precondition", "CARD_INVALID", {
      publicMessage: "The card number is not valid. Check it for typing errors.",
      violations: [{ path: "card.number", message: "is not the number of a card" }],
    });
  return { digits, brand: brandOf(digits), last4: digits.slice(-4) };
}

function brandOf(digits: string): string {
  if (digits.startsWith("4")) return "visa";
  return /^(5[1-5]|2[2-7])/.test(digits) ? "mastercard" : "card";
}

/** ISO/IEC 7812-1, annex B. */
function isLuhnValid(digits: string): boolean {
  const sum = digits
    .split("")
    .reverse()
    .reduce((total, sign, index) => {
      const value = index % 2 === 1 ? Number(sign) * 2 : Number(sign);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
