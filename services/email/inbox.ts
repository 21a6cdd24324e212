import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderShippedSchema,
  type Order,
  type Refund,
} from "#gen/stoa/order/v1/order_pb.js";
import { UserErasedSchema } from "#gen/stoa/user/v1/user_pb.js";
import type { Tx } from "#platform/database/db.ts";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import type { Cause } from "#platform/database/tasks.ts";
import type { EmailContext } from "./context.ts";
import { mailOrderOf } from "./mail-order.ts";
import { queueMail } from "./queue-mail.ts";
import { forgetMailsTo } from "./retention-store.ts";
import { templates, type TemplateName } from "./templates.ts";

/** The mail is queued in the transaction that notes the event: neither is there without the other. */
export function emailInbox(ctx: EmailContext): EventHandler[] {
  return [
    onEvent(OrderPlacedSchema, about(ctx, "order-confirmation")),
    onEvent(OrderShippedSchema, about(ctx, "order-shipped")),
    onEvent(OrderDeliveredSchema, about(ctx, "order-delivered")),
    onEvent(OrderCancelledSchema, about(ctx, "order-cancelled")),
    onEvent(OrderRefundedSchema, about(ctx, "order-refunded")),
    onEvent(UserErasedSchema, async (tx, { email }) => {
      await forgetMailsTo(tx, email);
    }),
  ];
}

interface Occasion {
  readonly order?: Order | undefined;
  readonly refund?: Refund | undefined;
}

function about(ctx: EmailContext, template: TemplateName) {
  return async (tx: Tx, { order, refund }: Occasion, cause: Cause): Promise<void> => {
    if (!order) throw new Error("The event names no order, so that there is nobody to write to.");
    const occasion = { refunded: refund?.amount, reason: refund?.reason ?? "" };
    const content = templates[template](mailOrderOf(order), ctx.shop, occasion);
    const part = refund?.id ?? "";
    const mail = { ...content, orderId: order.id, template, part, recipient: order.email };
    await queueMail(ctx, tx, cause, { mail, isForeign: false });
  };
}
