import type { ReleaseReservationRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { actorName } from "#platform/auth/actor.ts";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { parseReservationId } from "../stock.ts";
import { releaseReservation as release } from "../stock-store.ts";

export async function releaseReservation(
  ctx: CatalogContext,
  request: ReleaseReservationRequest,
  call: Call,
) {
  requireService(call);
  const reservationId = parseReservationId(request.reservationId);
  const reason = request.reason.replace(/\p{Cc}/gu, " ").slice(0, 200);
  await release(ctx.db, reservationId, { reason, actor: actorName(call) });
  return {};
}
