import type { GatewayContext } from "./context.ts";
import type { ApiRequest } from "./endpoint.ts";

/** Beyond this many on their way, notes are dropped: suggestions may be a little poorer, pages never slower. */
const underWayMax = 100;

/** Tells the recommendation service what a visitor did. Nobody waits, nothing fails. */
export function noteBehavior(
  ctx: GatewayContext,
  { actor, serviceCall }: ApiRequest<unknown, unknown>,
  kind: "view" | "cart",
  productIds: readonly string[],
): void {
  if (actor.kind !== "user" || actor.role === "machine" || ctx.notes.underWay >= underWayMax) return;
  ctx.notes.underWay += 1;
  const { requestId, trace } = serviceCall;
  const note = { sessionKey: actor.userId, kind, productIds: [...productIds] };
  ctx.clients.recommendation
    .recordBehavior(note, { requestId, trace, timeoutMs: 1_000 })
    .catch((error: unknown) => ctx.log.debug({ err: error }, "What a visitor did was not noted."))
    .finally(() => (ctx.notes.underWay -= 1));
}
