import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { forgetAnswersAbout } from "#platform/database/kept-answers.ts";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { clearCart } from "./store.ts";

/** Whoever is forgotten leaves no cart behind, and no answers. */
export function cartInbox({ clock }: { readonly clock: Clock }): EventHandler[] {
  return [
    onEvent(UserErasedSchema, async (tx, { userId }) => {
      if (!isUuid(userId)) return;
      await clearCart(tx, userId, clock.now());
      await forgetAnswersAbout(tx, { userId });
    }),
  ];
}
