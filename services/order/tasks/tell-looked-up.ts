import { OrderLookedUpSchema } from "#gen/stoa/order/v1/order_pb.js";
import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import type { OrderContext } from "../context.ts";
import { orderMessage } from "../messages.ts";
import { parseOrderNumber } from "../order.ts";
import { findOrderByNumber } from "../store.ts";

export const tellLookedUpName = "tell-looked-up";

/** Looks for the order once the answer is given, so that how long that took tells nothing about it. */
export function tellLookedUpTask(ctx: OrderContext): TaskDefinition {
  return defineTask<{ orderNumber: string; email: string }>({
    name: tellLookedUpName,
    policy: { attemptsMax: 5 },
    run: async ({ payload: { orderNumber, email }, call }) => {
      const known = parseOrderNumber(orderNumber.trim());
      const order = known === undefined ? undefined : await findOrderByNumber(ctx.db, known);
      if (!order || order.isAbandoned || order.email.toLowerCase() !== email.trim().toLowerCase()) return;
      await ctx.db.inTransaction(async (tx) => {
        const payload = { order: orderMessage(order) };
        await ctx.outbox.emit(tx, call, OrderLookedUpSchema, { aggregateId: order.id, payload });
      });
    },
  });
}
