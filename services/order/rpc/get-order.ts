import type { GetOrderRequest } from "#gen/stoa/order/v1/order_pb.js";
import type { Call } from "#platform/rpc/contract.ts";
import type { OrderContext } from "../context.ts";
import { orderMessage } from "../messages.ts";
import { readHistory } from "../store.ts";
import { getVisibleOrder } from "../visible-order.ts";

// public: getVisibleOrder asks who calls, and hides what is not theirs
export async function getOrder(ctx: OrderContext, { id }: GetOrderRequest, call: Call) {
  const db = await ctx.db.reader();
  const order = await getVisibleOrder({ db }, id, call);
  return { order: orderMessage(order, await readHistory(db, order)) };
}
