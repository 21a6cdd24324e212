import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  EmailService,
  type OrderResultSchema,
  SendOrderConfirmationRequestSchema,
} from "#gen/hipstershop/demo_pb.js";
import { isKind } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { hipsterEmail } from "./hipstershop.ts";
import { createSmtpSender } from "./sender.ts";
import { email as emailService } from "./service.ts";
import { testEmailContext } from "./testing/email-context.ts";
import { sendMailTask } from "./tasks/send-mail.ts";

const db = await testDatabase(emailService);
/** No job runs here: only whether a mail is queued matters. */
const from = { name: "Stoa", address: "orders@shop.example" };
const sender = createSmtpSender({ url: "smtp://127.0.0.1:1", from });
const ctx = testEmailContext(db, { sender });

ctx.tasks.declare([sendMailTask(ctx, sender)]);

const order: MessageInitShape<typeof OrderResultSchema> = {
  orderId: "3f2b0e1c-7a54-11ef-9c1e-0242ac120002",
  shippingTrackingId: "AB-44123-221234567",
  shippingCost: { currencyCode: "USD", units: 8n, nanos: 990_000_000 },
  shippingAddress: {
    streetAddress: "12 Elm St",
    city: "Ottawa",
    state: "ON",
    country: "Canada",
    zipCode: 94043,
  },
  items: [
    {
      item: { productId: "6E92ZMYYFZ", quantity: 3 },
      cost: { currencyCode: "USD", units: 8n, nanos: 990_000_000 },
    },
  ],
};

async function send(email: string, result: typeof order | undefined = order, context = ctx) {
  const request = create(SendOrderConfirmationRequestSchema, result ? { email, order: result } : { email });
  const handler = hipsterEmail(context).handlers.get(EmailService.method.sendOrderConfirmation.localName);
  return await handler?.(request as never, testCall());
}

const mailsOf = async (orderId: string) =>
  await db.rows<{ status: string; recipient: string; text: string; html: string; template: string }>(
    "select status, recipient, text, html, template from mails where order_id = $1",
    [orderId],
  );

test("a confirmation is kept with items, shipping, total, address and tracking id, once", async () => {
  assert.deepEqual(await send("ada@example.com"), {});
  await send("ada@example.com");
  const mails = await mailsOf(order.orderId ?? "");
  assert.equal(mails.length, 1);
  assert.equal(mails[0]?.status, "kept");
  for (const part of [
    /3 x 6E92ZMYYFZ +\$26\.97/,
    /Shipping +\$8\.99/,
    /Total +\$35\.96/,
    /12 Elm St/,
    /AB-44123-221234567/,
  ])
    assert.match(mails[0]?.text ?? "", part);
});

test("it is sent only where the operator says that strangers may have mails sent", async () => {
  const orderId = newId();
  await send("ada@example.com", { ...order, orderId }, { ...ctx, sendsForeignOrders: true });
  assert.equal((await mailsOf(orderId))[0]?.status, "queued");
});

test("it never takes the place of the shop's own confirmation of an order", async () => {
  const orderId = newId();
  await send("eve@example.com", { ...order, orderId });
  assert.deepEqual(
    (await mailsOf(orderId)).map(({ template }) => template),
    ["foreign-order-confirmation"],
  );
});

test("a sparse order and hostile texts are kept all the same", async () => {
  for (const result of [
    { orderId: newId() },
    { orderId: newId(), items: [{}], shippingAddress: { streetAddress: "a b", zipCode: 0 } },
    {
      orderId: newId(),
      items: [{ item: { productId: "<script>", quantity: -1 }, cost: { currencyCode: "" } }],
    },
  ]) {
    await send("ada@example.com", result);
    assert.equal((await mailsOf(result.orderId)).length, 1);
  }
});

test("an address that is none, a missing order and an id that cannot be stored are INVALID_ARGUMENT", async () => {
  const isInvalid = (error: unknown) => isKind(error, "invalid");
  for (const email of ["", "ada", "a@example.com,b@example.com", "ada@example.com\r\nBcc: eve@example.com"])
    await assert.rejects(send(email), isInvalid);
  const handler = hipsterEmail(ctx).handlers.get(EmailService.method.sendOrderConfirmation.localName);
  const bare = create(SendOrderConfirmationRequestSchema, { email: "ada@example.com" });
  await assert.rejects(async () => await handler?.(bare as never, testCall()), isInvalid);
  await assert.rejects(send("ada@example.com", { ...order, orderId: "\u0000" }), isInvalid);
  const items = (count: number, productId: string) =>
    Array.from({ length: count }, () => ({ item: { productId } }));
  await assert.rejects(send("ada@example.com", { ...order, items: items(101, "a") }), isInvalid);
  await assert.rejects(send("ada@example.com", { ...order, items: items(1, "a".repeat(129)) }), isInvalid);
});

test("the largest order that is taken leaves little behind", async () => {
  const line = {
    item: { productId: "a".repeat(128), quantity: 99 },
    cost: { currencyCode: "USD", units: 9n },
  };
  const orderId = newId();
  await send("ada@example.com", { orderId, items: Array.from({ length: 100 }, () => line) });
  const [mail] = await mailsOf(orderId);
  assert.ok(mail && mail.html.length + mail.text.length < 128 * 1024);
});
