import assert from "node:assert/strict";
import { test } from "node:test";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { isKind, isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { testServices } from "#platform/testing/services.ts";
import { shipping } from "../service.ts";
import { createShipment } from "./create-shipment.ts";

const services = await testServices([shipping]);
const client = services.as(ShippingService, "shipping", "checkout");
const address = {
  line1: "1600 Amphitheatre Parkway",
  city: "Mountain View",
  postalCode: "94043",
  country: "US",
};
const items = [{ productId: "OLJCESPC7Z", quantity: 2n }];

test("a parcel gets one tracking number, and everyone who has it sees where the parcel is", async () => {
  const { trackingNumber } = await client.createShipment({
    orderId: newId(),
    address,
    items,
    methodCode: "express",
  });
  const tracked = await client.trackShipment({ trackingNumber });
  assert.equal(tracked.status, "label_created");
  assert.equal(tracked.methodName, "Express shipping");
  assert.deepEqual(
    tracked.events.map(({ status }) => status),
    ["label_created"],
  );
});

test("without a method the cheapest is taken", async () => {
  const { trackingNumber } = await client.createShipment({ orderId: newId(), address, items });
  assert.equal((await client.trackShipment({ trackingNumber })).methodName, "Standard shipping");
});

test("twenty repeats at once make one parcel with one number", async () => {
  const request = { orderId: newId(), address, items };
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.createShipment(request)));
  assert.equal(new Set(answers.map(({ trackingNumber }) => trackingNumber)).size, 1);
  const { events } = await client.trackShipment({ trackingNumber: answers[0]?.trackingNumber ?? "" });
  assert.equal(events.length, 1);
});

test("only services of the shop make parcels", async () => {
  const request = { orderId: newId(), address, items, methodCode: "" };
  const handler = createShipment as (ctx: never, request: never, call: unknown) => Promise<unknown>;
  for (const call of [testCall(), testCall({ userId: newId(), role: "admin" })])
    await assert.rejects(handler({} as never, request as never, call), (error) =>
      isReason(error, "SERVICE_REQUIRED"),
    );
});

test("a parcel without order, address, known method or sound address is refused", async () => {
  const isInvalid = (error: unknown) => isKind(error, "invalid");
  const request = { orderId: newId(), address, items };
  await assert.rejects(client.createShipment({ ...request, orderId: "1" }), isInvalid);
  await assert.rejects(client.createShipment({ orderId: newId(), items }), isInvalid);
  await assert.rejects(
    client.createShipment({ ...request, methodCode: "pigeon" }),
    /methodCode: must be standard or express/,
  );
  await assert.rejects(
    client.createShipment({ ...request, address: { ...address, country: "XX" } }),
    (error) => isReason(error, "ADDRESS_INVALID"),
  );
});
