import { GiftNoteAttachedSchema } from "#gen/gifts/v1/gifts_pb.js";
import { OrderPlacedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import { onEvent } from "#platform/database/events.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import { isUuid } from "#platform/kit/ids.ts";
import { attachNote, forgetNotes } from "./store.ts";

export function giftInbox(outbox: Outbox) {
  return [
    onEvent(OrderPlacedSchema, async (tx, { order }, event) => {
      if (!order || !isUuid(order.userId)) return;
      const note = await attachNote(tx, order.userId, order);
      if (!note) return;
      await outbox.emit(tx, event, GiftNoteAttachedSchema, { aggregateId: order.id, payload: { note } });
    }),
    onEvent(UserErasedSchema, async (tx, { userId }) => {
      if (isUuid(userId)) await forgetNotes(tx, userId);
    }),
  ];
}
