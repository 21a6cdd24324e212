import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { forgetActivityOf } from "#platform/activity/erasures.ts";
import { forgetAnswersAbout } from "#platform/database/kept-answers.ts";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { CartContext } from "./context.ts";
import { forgetCart } from "./store.ts";
import { forgetCartName } from "./tasks/forget-cart.ts";

/** Whoever is forgotten leaves no cart behind, and no answers. */
export function cartInbox({
  clock,
  stores,
  tasks,
}: Pick<CartContext, "clock" | "stores" | "tasks">): EventHandler[] {
  return [
    onEvent(UserErasedSchema, async (tx, { userId }, heard) => {
      if (!isUuid(userId)) return;
      await forgetCart(tx, userId, clock.now());
      // What is kept elsewhere is forgotten after the commit, for certain.
      if (stores.redis)
        await tasks.add(tx, heard, { name: forgetCartName, key: heard.id, payload: { userId } });
      await forgetAnswersAbout(tx, { userId });
      await forgetActivityOf(tx, userId);
    }),
  ];
}
