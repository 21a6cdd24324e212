// Requests to an HTTP service in another process, under the guard that calls over gRPC have.
import { AppError } from "#platform/kit/errors.ts";
import type { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import type { Scope } from "#platform/rpc/scope.ts";
import { notSent, unavailable } from "#platform/rpc/status.ts";
import { answerPaused, connectTimedOut } from "./http-pool.ts";

/** What the pool and the system say when there was no connection to send anything over. */
const unsentCodes: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  connectTimedOut,
]);
/** What they say when it broke, or when what came is no HTTP. */
const brokenCode = new RegExp(
  `^(ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED|${answerPaused}|HPE_\\w+|ERR_SSL_\\w+)$`,
);

export interface GuardedRequest {
  readonly scope: Scope;
  /** It asks only, and its body, if it has one, can be sent a second time. */
  readonly isRepeatable: boolean;
}

/** Sends a request through the guard. Rejects as `NeighbourGuard.call` does; an answer with whichever status is an answer. */
export async function sendGuarded<T>(
  guard: NeighbourGuard,
  send: () => Promise<T>,
  request: GuardedRequest,
): Promise<T> {
  const attempt = async () => {
    try {
      return await send();
    } catch (error) {
      throw request.scope.ended ?? failureOf(error, request.isRepeatable);
    }
  };
  return await guard.call(attempt, request);
}

/** A body that was on its way when there was no connection may be half used up: whether to send it again is not for us to say. */
function failureOf(error: unknown, isRepeatable: boolean): unknown {
  if (error instanceof AppError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (unsentCodes.has(code)) {
    const failure = unavailable(String(message));
    return isRepeatable ? notSent(failure) : failure;
  }
  return brokenCode.test(String(code)) ? unavailable(String(message)) : error;
}
