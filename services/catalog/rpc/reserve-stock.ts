import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ReserveStockRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField, refusal, stockInsufficient } from "../errors.ts";
import { parseDemand, parseReservationId } from "../stock.ts";
import { reserveStock as reserve } from "../stock-store.ts";

const stockOuts = counter(
  "stoa_stock_outs_total",
  "Attempts to buy that failed because less was in stock than was wanted.",
);

const secondsMax = 86_400;

export async function reserveStock(ctx: CatalogContext, request: ReserveStockRequest, call: Call) {
  requireService(call);
  const reservationId = parseReservationId(request.reservationId);
  const demand = parseDemand(request.lines);
  const seconds = request.ttlSeconds === 0 ? ctx.config.CATALOG_RESERVATION_SECONDS : request.ttlSeconds;
  if (seconds < 1 || seconds > secondsMax)
    throw invalidField("ttlSeconds", `must be from 0 to ${secondsMax}`);
  const { outcome, expiresAt, shortage } = await reserve(ctx.db, reservationId, demand, seconds);
  switch (outcome) {
    case "held":
    case "committed":
      return { expiresAt: timestampFromDate(expiresAt) };
    case "insufficient":
      stockOuts.inc();
      throw stockInsufficient(shortage ?? []);
    case "released":
    case "expired":
      throw refusal("RESERVATION_ENDED", {
        publicMessage: `The reservation was ${outcome}. Reserve again with a new id.`,
      });
  }
}
