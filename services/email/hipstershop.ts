import { EmailService, type SendOrderConfirmationRequest } from "#gen/hipstershop/demo_pb.js";
import { invalid } from "#platform/kit/errors.ts";
import { bindRpcs, type Call } from "#platform/rpc/contract.ts";
import type { EmailContext } from "./context.ts";
import { isRecipient } from "./mail.ts";
import { mailOrderOfResult } from "./mail-order.ts";
import { queueMail } from "./queue-mail.ts";
import { templates } from "./templates.ts";

const orderIdLengthMax = 128;
/** A cart holds no more lines. */
const itemsMax = 100;
const productIdLengthMax = 128;

/** The email service of the Online Boutique's contract. Public: it has no identity to ask for. */
export function hipsterEmail(ctx: EmailContext) {
  return bindRpcs(EmailService, ctx, { sendOrderConfirmation });
}

async function sendOrderConfirmation(
  ctx: EmailContext,
  { email, order }: SendOrderConfirmationRequest,
  call: Call,
) {
  if (!isRecipient(email)) throw invalid([{ path: "email", message: "must be one mail address" }]);
  if (!order) throw invalid([{ path: "order", message: "is required" }]);
  if (order.orderId.length > orderIdLengthMax || /\p{Cc}/u.test(order.orderId))
    throw invalid([
      { path: "order.orderId", message: `must be at most ${orderIdLengthMax} printable characters` },
    ]);
  if (order.items.length > itemsMax)
    throw invalid([{ path: "order.items", message: `must be at most ${itemsMax}` }]);
  if (order.items.some(({ item }) => (item?.productId ?? "").length > productIdLengthMax))
    throw invalid([
      { path: "order.items", message: `must name products with at most ${productIdLengthMax} characters` },
    ]);
  const template = "foreign-order-confirmation";
  const content = templates[template](mailOrderOfResult(order), ctx.shop, {
    refunded: undefined,
    reason: "",
  });
  const mail = { ...content, orderId: order.orderId, template, part: email, recipient: email };
  await ctx.db.inTransaction(async (tx) => await queueMail(ctx, tx, call, { mail, isForeign: true }));
  return {};
}
