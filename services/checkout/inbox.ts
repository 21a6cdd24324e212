import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { forgetBuyer } from "./store.ts";

/** Attempts to buy that are over are forgotten with the person; an order keeps what it needs itself. */
export function checkoutInbox(): EventHandler[] {
  return [
    onEvent(UserErasedSchema, async (tx, { userId, email }) => {
      await forgetBuyer(tx, userId, email);
    }),
  ];
}
