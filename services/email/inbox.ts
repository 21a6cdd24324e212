import {
  OrderCancelledSchema,
  OrderDeliveredSchema,
  OrderLookedUpSchema,
  OrderPlacedSchema,
  OrderRefundedSchema,
  OrderShippedSchema,
  type Order,
  type Refund,
} from "#gen/stoa/order/v1/order_pb.js";
import {
  PasswordChangedSchema,
  PasswordForgottenSchema,
  UserErasedSchema,
} from "#gen/stoa/user/v1/user_pb.js";
import { forgetActivityOf } from "#platform/activity/erasures.ts";
import type { Tx } from "#platform/database/db.ts";
import { onEvent, type EventHandler } from "#platform/database/events.ts";
import type { Cause } from "#platform/database/tasks.ts";
import { changedMail } from "./account-mails.ts";
import type { EmailContext } from "./context.ts";
import { mailOrderOf } from "./mail-order.ts";
import { queueMail } from "./queue-mail.ts";
import { forgetMailsTo } from "./retention-store.ts";
import { mailPasswordResetName } from "./tasks/mail-password-reset.ts";
import { templates, type TemplateName } from "./templates.ts";

/** The mail is queued in the transaction that notes the event: neither is there without the other. */
export function emailInbox(ctx: EmailContext): EventHandler[] {
  return [
    onEvent(OrderPlacedSchema, about(ctx, "order-confirmation")),
    onEvent(OrderShippedSchema, about(ctx, "order-shipped")),
    onEvent(OrderDeliveredSchema, about(ctx, "order-delivered")),
    onEvent(OrderCancelledSchema, about(ctx, "order-cancelled")),
    onEvent(OrderRefundedSchema, about(ctx, "order-refunded")),
    onEvent(OrderLookedUpSchema, async (tx, { order }, event) => {
      // One in a quarter of an hour: however often somebody asks, no mailbox is filled.
      const quarter = Math.floor(ctx.clock.now().getTime() / 900_000);
      await about(ctx, "order-link", String(quarter))(tx, { order }, event);
    }),
    onEvent(PasswordForgottenSchema, async (tx, { userId }, event) => {
      await ctx.tasks.add(tx, event, { name: mailPasswordResetName, key: event.id, payload: { userId } });
    }),
    onEvent(PasswordChangedSchema, async (tx, { email }, event) => {
      const content = changedMail(ctx.shop);
      const mail = {
        ...content,
        orderId: "",
        template: "password-changed",
        part: event.id,
        recipient: email,
      };
      await queueMail(ctx, tx, event, { mail, isForeign: false });
    }),
    onEvent(UserErasedSchema, async (tx, { userId, email }) => {
      await forgetMailsTo(tx, email);
      await forgetActivityOf(tx, userId);
    }),
  ];
}

interface Occasion {
  readonly order?: Order | undefined;
  readonly refund?: Refund | undefined;
}

function about(ctx: EmailContext, template: TemplateName, ownPart = "") {
  return async (tx: Tx, { order, refund }: Occasion, cause: Cause): Promise<void> => {
    if (!order) throw new Error("The event names no order, so that there is nobody to write to.");
    const occasion = { refunded: refund?.amount, reason: refund?.reason ?? "" };
    const content = templates[template](mailOrderOf(order, ctx.links.accessTo(order.id)), ctx.shop, occasion);
    const part = refund?.id ?? ownPart;
    const mail = { ...content, orderId: order.id, template, part, recipient: order.email };
    await queueMail(ctx, tx, cause, { mail, isForeign: false });
  };
}
