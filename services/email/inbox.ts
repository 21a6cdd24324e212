import { fromJsonString } from "@bufbuild/protobuf";
import { OrderEventSchema } from "#gen/stoa/order/v1/order_pb.js";
import type { InboxHandlers } from "#platform/database/inbox.ts";
import type { EmailContext } from "./context.ts";
import { mailOrderOf } from "./mail-order.ts";
import { queueMail } from "./queue-mail.ts";
import { templates, type TemplateName } from "./templates.ts";

/** The mail is queued in the transaction that notes the event: neither is there without the other. */
export function orderInbox(ctx: EmailContext): InboxHandlers {
  return {
    "order.placed": mailAbout(ctx, "order-confirmation"),
    "order.shipped": mailAbout(ctx, "order-shipped"),
    "order.delivered": mailAbout(ctx, "order-delivered"),
    "order.cancelled": mailAbout(ctx, "order-cancelled"),
    "order.refunded": mailAbout(ctx, "order-refunded"),
  };
}

function mailAbout(ctx: EmailContext, template: TemplateName): InboxHandlers[string] {
  return async (tx, { payloadJson }) => {
    const { order, refund } = fromJsonString(OrderEventSchema, payloadJson, { ignoreUnknownFields: true });
    if (!order) throw new Error("The event names no order, so that there is nobody to write to.");
    const occasion = { refunded: refund?.amount, reason: refund?.reason ?? "" };
    const content = templates[template](mailOrderOf(order), ctx.shop, occasion);
    const part = refund?.id ?? "";
    await queueMail(
      ctx,
      tx,
      { ...content, orderId: order.id, template, part, recipient: order.email },
      false,
    );
  };
}
