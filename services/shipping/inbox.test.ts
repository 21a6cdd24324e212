import assert from "node:assert/strict";
import { test } from "node:test";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { newId } from "#platform/kit/ids.ts";
import { isReason } from "#platform/kit/errors.ts";
import { testServices } from "#platform/testing/services.ts";
import { shipping } from "./service.ts";

const services = await testServices([shipping]);
const client = services.as(ShippingService, "shipping", "order");
const inbox = services.as(EventInboxService, "shipping", "order");
const address = { line1: "1 Main Street", city: "Springfield", postalCode: "12345", country: "US" };

async function tell(orderId: string, ...topics: string[]) {
  const events = topics.map((topic) => ({ id: newId(), topic, aggregateId: orderId, payloadJson: "{}" }));
  const { failures } = await inbox.deliver({ source: "order", events });
  assert.deepEqual(failures, []);
}

test("the parcel follows its order on the way and to the door", async () => {
  const orderId = newId();
  const { trackingNumber } = await client.createShipment({ orderId, address });
  await tell(orderId, "order.placed", "order.shipped", "order.delivered");
  const { events } = await client.trackShipment({ trackingNumber });
  assert.deepEqual(
    events.map(({ status }) => status),
    ["label_created", "in_transit", "delivered"],
  );
});

test("the parcel of a cancelled order is stopped, and one that is not made yet is barred", async () => {
  const orderId = newId();
  await tell(orderId, "order.cancelled");
  await assert.rejects(client.createShipment({ orderId, address }), (error) =>
    isReason(error, "SHIPMENT_CANCELLED"),
  );
});

test("events of orders without a parcel change nothing and do not fail", async () => {
  await tell(newId(), "order.shipped", "order.delivered");
  await tell("not-a-uuid", "order.cancelled");
});
