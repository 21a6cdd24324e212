import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { OrderRefundedSchema } from "#gen/stoa/order/v1/order_pb.js";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { bindInbox } from "#platform/database/inbox.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import type { BoundHandler } from "#platform/rpc/contract.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { emailInbox } from "./inbox.ts";
import { email } from "./service.ts";
import { testEmailContext } from "./testing/email-context.ts";

const db = await testDatabase(email);
const ctx = testEmailContext(db);
const inbox = { service: "email", db, handlers: emailInbox(ctx), log: silentLog, clock: systemClock };
const deliver = bindInbox(inbox).handlers.get(EventInboxService.method.deliver.localName);

async function tell(
  events: { topic: string; orderId: string; recipient?: string; refundId?: string; id?: string }[],
) {
  const messages = events.map(({ topic, orderId, recipient = "ada@example.com", refundId, id = newId() }) => {
    const order = {
      id: orderId,
      orderNumber: "S-1",
      email: recipient,
      totalAmount: { currencyCode: "USD", minor: 5n },
    };
    const refund = { id: refundId ?? "", amount: { currencyCode: "USD", minor: 3n } };
    const event = create(OrderRefundedSchema, refundId ? { order, refund } : { order });
    return {
      id,
      topic,
      aggregateId: orderId,
      payloadJson: JSON.stringify(toJson(OrderRefundedSchema, event)),
    };
  });
  const answer = await (deliver as BoundHandler)(
    { source: "order", events: messages } as never,
    testCall({ service: "order" }),
  );
  return (answer as { failures: unknown[] }).failures;
}

const mailsOf = async (orderId: string) =>
  await db.rows<{ template: string; status: string; recipient: string; part: string }>(
    "select template, status, recipient, part from mails where order_id = $1 order by id, part",
    [orderId],
  );

test("each event of an order makes its mail, kept where there is no mail server", async () => {
  const orderId = newId();
  const topics = ["order.placed", "order.shipped", "order.delivered", "order.cancelled"];
  assert.deepEqual(await tell(topics.map((topic) => ({ topic, orderId }))), []);
  assert.deepEqual(
    (await mailsOf(orderId)).map(({ template }) => template).toSorted((a, b) => a.localeCompare(b)),
    ["order-cancelled", "order-confirmation", "order-delivered", "order-shipped"],
  );
  for (const mail of await mailsOf(orderId))
    assert.deepEqual([mail.status, mail.recipient], ["kept", "ada@example.com"]);
});

test("an event that comes again, also as another event, makes no second mail", async () => {
  const orderId = newId();
  const event = { topic: "order.placed", orderId, id: newId() };
  await Promise.all([tell([event]), tell([event]), tell([{ topic: "order.placed", orderId }])]);
  assert.equal((await mailsOf(orderId)).length, 1);
});

test("every refund has its own mail, and each only one", async () => {
  const orderId = newId();
  const [first, second] = [newId(), newId()];
  const refund = (refundId: string) => ({ topic: "order.refunded", orderId, refundId });
  await tell([refund(first), refund(second), refund(first)]);
  assert.equal((await mailsOf(orderId)).length, 2);
});

test("an order without a usable address fails no event: its mail is noted as failed", async () => {
  for (const recipient of ["", "ada@example.com\r\nBcc: eve@example.com", "a@example.com,b@example.com"]) {
    const orderId = newId();
    assert.deepEqual(await tell([{ topic: "order.placed", orderId, recipient }]), []);
    assert.deepEqual(
      (await mailsOf(orderId)).map(({ status }) => status),
      ["failed"],
    );
  }
});

test("an event without an order is given back, so that somebody looks at it", async () => {
  const event = { id: newId(), topic: "order.placed", aggregateId: newId(), payloadJson: "{}" };
  const call = testCall({ service: "order" });
  const answer = await (deliver as BoundHandler)({ source: "order", events: [event] } as never, call);
  assert.equal((answer as { failures: unknown[] }).failures.length, 1);
});
