// One line for each thing that happened to the business.
import type { Logger } from "./log.ts";
import type { TraceContext } from "./trace.ts";

/** What there is a line for: a noun and what became of it. */
export type BusinessEvent =
  | "order.placed"
  | "order.paid"
  | "order.refused"
  | "order.shipped"
  | "order.delivered"
  | "order.cancelled"
  | "order.refunded"
  | "user.login"
  | "user.login_refused"
  | "user.registered"
  | "user.role_changed";

/** Whose work it was part of. */
export interface EventCause {
  readonly trace?: TraceContext | undefined;
  readonly requestId?: string | undefined;
}

/**
 * Writes the line, at info: kind `event`, the name of the event, the ids of the request and the trace that caused it, and facts, which are
 * ids, amounts and reasons and nothing about a person. To be called once, when the change is committed.
 */
export function noteEvent(
  log: Logger,
  { trace, requestId }: EventCause,
  event: BusinessEvent,
  facts: { readonly [name: string]: string | undefined },
): void {
  log.info({ kind: "event", event, ...facts, requestId, traceId: trace?.traceId }, sentences[event]);
}

const sentences: { readonly [event in BusinessEvent]: string } = {
  "order.placed": "An order was placed.",
  "order.paid": "An order was paid.",
  "order.refused": "An order was refused.",
  "order.shipped": "An order was shipped.",
  "order.delivered": "An order was delivered.",
  "order.cancelled": "An order was cancelled.",
  "order.refunded": "Money of an order was given back.",
  "user.login": "Somebody signed in.",
  "user.login_refused": "Somebody could not sign in.",
  "user.registered": "Somebody opened an account.",
  "user.role_changed": "An account has another role now.",
};
