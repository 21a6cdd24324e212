import { refusals } from "#platform/kit/error-reasons.ts";
import type { AppError } from "#platform/kit/errors.ts";
import { formatDecimal } from "#platform/kit/money.ts";
import { legalMoves, type OrderStatus } from "./order.ts";

/** Every refusal of this service: its kind and what its caller reads. */
export const errors = {
  ORDER_NOT_FOUND: { kind: "not_found", meaning: "There is no such order." },
  ORDER_ABANDONED: {
    kind: "conflict",
    meaning: "This order was given up before it was complete. Place it again.",
  },
  ORDER_ID_TAKEN: { kind: "conflict", meaning: "This order id already stands for another order." },
  ORDER_NOT_PAID: { kind: "conflict", meaning: "The order is not paid." },
  STATUS_TRANSITION_INVALID: {
    kind: "conflict",
    meaning: "The order cannot move from its present status to the wanted one.",
  },
  ORDER_REFUNDED: {
    kind: "conflict",
    meaning:
      "All money of the order was given back, so it cannot be shipped. Cancel it to put its goods back into stock.",
  },
  REFUND_EXCEEDS_CAPTURED: {
    kind: "conflict",
    meaning: "The refund is more than what was paid and is not yet given back.",
  },
  REFUND_REFUSED: {
    kind: "conflict",
    meaning: "The payment provider did not give this amount back. Try another amount, or give it back there.",
  },
  REFUND_ID_TAKEN: {
    kind: "conflict",
    meaning: "This refund id already stands for another amount.",
  },
} as const;

export const refusal = refusals(errors);

export function exceedsWhatIsLeft(currencyCode: string, minor: bigint): AppError {
  const left = formatDecimal({ currencyCode, minor });
  return refusal("REFUND_EXCEEDS_CAPTURED", {
    publicMessage:
      minor === 0n
        ? "Nothing of this order is left to give back: all that was paid was given back, or is on its way."
        : `At most ${left} ${currencyCode} of this order is left to give back.`,
    details: { left: { amount: left, currencyCode } },
  });
}

export function transitionInvalid(from: OrderStatus, to: OrderStatus): AppError {
  const legal = legalMoves(from);
  const may = legal.length === 0 ? "It is at its end." : `It may become ${legal.join(" or ")}.`;
  return refusal("STATUS_TRANSITION_INVALID", {
    publicMessage: `The order is ${from} and cannot become ${to}. ${may}`,
    details: { from, to, legal },
  });
}
