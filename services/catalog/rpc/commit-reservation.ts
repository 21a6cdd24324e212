import type { CommitReservationRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { actorName } from "#platform/auth/actor.ts";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { refusal, stockInsufficient } from "../errors.ts";
import { parseReservationId } from "../stock.ts";
import { commitReservation as commit } from "../stock-store.ts";

export async function commitReservation(ctx: CatalogContext, request: CommitReservationRequest, call: Call) {
  requireService(call);
  const reservationId = parseReservationId(request.reservationId);
  const { outcome, shortage } = await commit(ctx.db, reservationId, actorName(call));
  switch (outcome) {
    case "committed":
      return {};
    case "absent":
      throw refusal("RESERVATION_NOT_FOUND");
    case "released":
      throw refusal("RESERVATION_ENDED", {
        publicMessage: "The reservation was released. Reserve again with a new id.",
      });
    case "insufficient":
      throw stockInsufficient(shortage ?? []);
  }
}
