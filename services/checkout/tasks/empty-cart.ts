import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import type { CheckoutContext } from "../context.ts";
import { consumptionOf } from "../purchase.ts";
import { findCheckout } from "../store.ts";
import { emptyCartName } from "../task-names.ts";

/** Takes what was bought out of a cart that could not be reached, or refused, when its order was placed. The key is the checkout's id. */
export function emptyCartTask(ctx: CheckoutContext): TaskDefinition {
  return defineTask({
    name: emptyCartName,
    run: async ({ key: checkoutId, call }) => {
      const checkout = await findCheckout(ctx.db, checkoutId);
      if (checkout) await ctx.clients.cart.consumeCart(consumptionOf(checkout.id, checkout.purchase), call);
    },
  });
}
