// How long one call may take, and whether it may be made twice: what the contract, the caller's door and the deadline above say together.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { CallOptions } from "./contract.ts";

/** Where the caller's door says nothing: what only asks is soon answered or not worth waiting for, what changes something has to know. */
export const patienceDefault = { askingMs: 2_000, changingMs: 5_000 } as const;

/**
 * Whether making the call twice is making it once, as its contract says. Where the caller may name the request with an idempotency key
 * and has not, or nobody can see whether it has, it is not.
 */
export function isRepeatable({ idempotency, input }: DescMethod, request?: Message): boolean {
  if (idempotency === Idempotency.IDEMPOTENCY_UNKNOWN) return false;
  if (input.field["idempotencyKey"] === undefined) return true;
  return ((request as { idempotencyKey?: string } | undefined)?.idempotencyKey ?? "") !== "";
}

/**
 * Milliseconds that a call may take, tries included: the least of what its maker gives it, what is left of the deadline above, and the
 * caller's patience with the service that answers.
 */
export function limitMsOf(
  { idempotency }: DescMethod,
  { timeoutMs = Number.POSITIVE_INFINITY, scope }: CallOptions,
  patienceMs: number = idempotency === Idempotency.NO_SIDE_EFFECTS
    ? patienceDefault.askingMs
    : patienceDefault.changingMs,
): number {
  return Math.min(timeoutMs, scope?.remainingMs ?? Number.POSITIVE_INFINITY, patienceMs);
}

/** A tenth, and no more than this, is kept to say what came of a call before whoever asked us gives up. */
const marginMsMax = 100;

/** What is left of a time limit when the answer to whoever set it has to be told within it as well. */
export function withMargin(limitMs: number): number {
  return limitMs - Math.min(marginMsMax, limitMs / 10);
}

/** What is left of the deadline above for a call to another process. */
export function leftForCallMs({ scope }: CallOptions): number {
  return scope ? withMargin(scope.remainingMs) : Number.POSITIVE_INFINITY;
}
