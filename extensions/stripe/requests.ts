// How Stripe is asked: once under a key, and what its errors mean.
import Stripe from "stripe";
import type { Money } from "#platform/kit/money.ts";
import { deadlineExceeded } from "#platform/rpc/scope.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { nothingDone } from "../../services/payment/provider.ts";

const failuresMax = 3;

/**
 * Asks, and says what a failure means: nothing was done, or nobody knows. Stripe keeps a failure of its own under the key, so the
 * work that ended in one is asked for under the next key; it is over by then.
 */
export async function asked<T>(
  log: Logger,
  { idempotencyKey }: Stripe.RequestOptions,
  request: (options: Stripe.RequestOptions) => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    const key = failures === 0 ? idempotencyKey : `${idempotencyKey}-${failures}`;
    try {
      return await request(idempotencyKey === undefined ? {} : { idempotencyKey: key as string });
    } catch (error) {
      if (isKept(error) && idempotencyKey !== undefined && failures < failuresMax) continue;
      throw meaningOf(log, error);
    }
  }
}

/** The same, where a no of Stripe is an answer: what there is now, it says when it is looked at. */
export async function mayBeRefused(
  log: Logger,
  options: Stripe.RequestOptions,
  request: (options: Stripe.RequestOptions) => Promise<unknown>,
): Promise<void> {
  await asked(log, options, async (once) => {
    try {
      await request(once);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  });
}

export function refusedAmount(log: Logger, { currencyCode }: Money): Error {
  log.error(
    { currencyCode },
    "Stripe cannot move this amount in this currency to the last unit. Offer another currency, or round prices to what it can move.",
  );
  return nothingDone();
}

/** A failure that every repeat under the same key is answered with. */
function isKept(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 0) < 500) return false;
  return error.headers?.["idempotent-replayed"] === "true";
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || error.statusCode === 409) return false;
  const { StripeInvalidRequestError, StripeCardError, StripeIdempotencyError } = Stripe.errors;
  return [StripeInvalidRequestError, StripeCardError, StripeIdempotencyError].some(
    (kind) => error instanceof kind,
  );
}

function meaningOf(log: Logger, error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { statusCode = 0, code, type } = error;
  if (statusCode === 0 || statusCode >= 500 || statusCode === 409) {
    log.warn({ err: error }, "Stripe did not answer, or failed; it is asked what became of the payment.");
    return deadlineExceeded();
  }
  log.error(
    { err: error, statusCode, code, type },
    "Stripe refused a request, and has done nothing. Compare the keys in the settings with the account, and see its log of requests.",
  );
  return nothingDone();
}
