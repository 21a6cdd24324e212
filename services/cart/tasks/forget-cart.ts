import { defineTask, type TaskDefinition } from "#platform/database/tasks.ts";
import type { CartContext } from "../context.ts";

export const forgetCartName = "forget-cart";

/** Of whoever is forgotten, nothing stays in a store outside the database either, however long it is away. */
export function forgetCartTask({ carts, clock }: Pick<CartContext, "carts" | "clock">): TaskDefinition {
  return defineTask<{ userId: string }>({
    name: forgetCartName,
    policy: { attemptsMax: "never" },
    run: async ({ payload }) => await carts.forget(payload.userId, clock.now()),
  });
}
