import { GuestJoinedSchema, UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { forgetActivityOf } from "#platform/activity/erasures.ts";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { noteJoinedGuest } from "./joined-store.ts";
import { forgetBuyer } from "./store.ts";

/** A guest who signs in stays one buyer. Attempts to buy that are over are forgotten with the person; an order keeps what it needs itself. */
export function checkoutInbox(): EventHandler[] {
  return [
    onEvent(GuestJoinedSchema, async (tx, { guestId, userId }) => {
      await noteJoinedGuest(tx, guestId, userId);
    }),
    onEvent(UserErasedSchema, async (tx, { userId, email }) => {
      await forgetBuyer(tx, userId, email);
      await forgetActivityOf(tx, userId);
    }),
  ];
}
