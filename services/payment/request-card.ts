import type { Card as CardMessage } from "#gen/stoa/payment/v1/payment_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { parseCard, yearsAheadMax, type Card } from "./card.ts";
import type { PaymentContext } from "./context.ts";

export function parseRequestCard(ctx: PaymentContext, card: CardMessage | undefined): Card {
  if (!card) throw invalid([{ path: "card", message: "must be given" }]);
  return parseCard(card, { now: ctx.clock.now(), yearsAheadMax });
}
