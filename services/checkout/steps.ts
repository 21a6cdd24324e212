// One step of an order: asked until its outcome is known, under a limit of its own.
import type { Card } from "#gen/stoa/payment/v1/payment_pb.js";
import { isKind, isReason, type AppError } from "#platform/kit/errors.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { neighbourUnavailable, wasNotSent } from "#platform/rpc/status.ts";
import type { CheckoutContext } from "./context.ts";

/** What a worker brings along: the card exists only in the request that carried it. */
export interface Journey {
  readonly card: Card | undefined;
  /** Why there is no way forward, if that is known before the first step. */
  readonly refusal?: AppError;
  /** Request id and trace; never a deadline, because an order once begun is brought to its end. */
  readonly call: CallOptions;
  /** What people call the order, once this worker knows. */
  readonly orderNumber?: string | undefined;
}

const attemptsMax = 3;

/**
 * Repeats a step whose outcome is unknown; it is idempotent, so a repeat finds what the first try did. `onSent` hears of it when a try
 * has left this process: until then nothing was asked of anyone.
 */
export async function insist<T>(
  ctx: CheckoutContext,
  journey: Journey,
  work: (options: CallOptions) => Promise<T>,
  onSent?: () => void,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await work(stepOptions(ctx, journey));
      onSent?.();
      return answer;
    } catch (error) {
      if (!wasNotSent(error)) onSent?.();
      if (isFinal(error) || attempt >= attemptsMax) throw error;
      await ctx.clock.sleep(50 * 4 ** (attempt - 1));
    }
  }
}

export function stepOptions(ctx: CheckoutContext, journey: Journey): CallOptions {
  return { ...journey.call, timeoutMs: ctx.config.CHECKOUT_STEP_SECONDS * 1000 };
}

/** Refusals that stand: repeating the step would give the same. All else is unknown, and asked again. */
export function isFinal(error: unknown): error is AppError {
  if (isKind(error, "unavailable")) return !isReason(error, neighbourUnavailable, "DATABASE_UNAVAILABLE");
  return isKind(error, "invalid", "payment_required", "not_found", "conflict", "precondition", "forbidden");
}
