import type { GetFiguresRequest } from "#gen/stoa/order/v1/order_pb.js";
import { requireAdminOrService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { readFigures } from "../figures-store.ts";
import { dateOf } from "../request-time.ts";

const spanMsMax = 31 * 24 * 3_600_000;

export async function getFigures(ctx: OrderContext, request: GetFiguresRequest, call: Call) {
  requireAdminOrService(call);
  const from = dateOf("from", request.from);
  const until = dateOf("until", request.until);
  if (!from || !until || until <= from || until.getTime() - from.getTime() > spanMsMax)
    throw invalid([{ path: "until", message: "must be after from, by at most 31 days" }]);
  const figures = await readFigures(await ctx.db.reader(), from, until);
  return {
    currencies: figures.map(({ currency, orders, revenueMinor, cancelled, refunds, refundedMinor }) => ({
      currencyCode: currency,
      orders,
      revenue: { currencyCode: currency, minor: revenueMinor },
      cancelled,
      refunds,
      refunded: { currencyCode: currency, minor: refundedMinor },
    })),
  };
}
