import { Type } from "@fastify/type-provider-typebox";
import { Instant, Paging, listOf, nullableText, strict } from "./shapes.ts";

const mailFields = {
  id: Type.String(),
  orderId: nullableText(),
  template: Type.String(),
  recipient: Type.String(),
  subject: Type.String(),
  status: Type.String({ description: "queued, sent, kept or failed." }),
  createdAt: Instant,
  sentAt: nullableText({ format: "date-time" }),
};

export const Mail = strict(mailFields, { $id: "Mail" });
export const MailList = listOf(Mail);
export const FullMail = strict(
  { ...mailFields, html: Type.String(), text: Type.String() },
  { $id: "FullMail" },
);

export const MailQuery = strict({
  ...Paging,
  orderId: Type.Optional(Type.String({ maxLength: 100 })),
});

export const MailDelivery = strict({ isSent: Type.Boolean() }, { $id: "MailDelivery" });
