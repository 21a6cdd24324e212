import type {
  Card as CardMessage,
  ClientSession as SessionMessage,
} from "#gen/stoa/payment/v1/payment_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { parseCard, yearsAheadMax, type Card } from "./card.ts";
import type { PaymentContext } from "./context.ts";
import { refusal } from "./errors.ts";
import type { ClientSession, PaymentMethod } from "./provider.ts";

/** A card, where the provider takes cards. */
export function parseRequestCard(ctx: PaymentContext, card: CardMessage | undefined): Card {
  if (ctx.provider.method.takes !== "card") throw refusal("PAYMENT_METHOD_UNSUPPORTED");
  if (!card) throw invalid([{ path: "card", message: "must be given" }]);
  return parseCard(card, { now: ctx.clock.now(), yearsAheadMax });
}

/** What a session is to be begun for, in a way that the provider knows. */
export function parseSession(method: PaymentMethod, session: SessionMessage | undefined): ClientSession {
  if (method.takes !== "session") throw refusal("PAYMENT_METHOD_UNSUPPORTED");
  if (!session) throw invalid([{ path: "session", message: "must be given" }]);
  const { returnUrl, email } = session;
  const presentation = method.presentations.find((known) => known === session.presentation);
  if (presentation === undefined) throw refusal("PAYMENT_METHOD_UNSUPPORTED");
  if (!URL.canParse(returnUrl)) throw invalid([{ path: "session.return_url", message: "must be a URL" }]);
  return { presentation, returnUrl, email };
}
