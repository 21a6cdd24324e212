import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import { forgetAnswersAbout } from "#platform/database/kept-answers.ts";

/** The law keeps the order; the answers about it that lie beside it, it does not. */
export function orderInbox(): EventHandler[] {
  return [
    onEvent(UserErasedSchema, async (tx, { userId, email }) => {
      await forgetAnswersAbout(tx, { userId, email });
    }),
  ];
}
