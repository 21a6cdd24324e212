import assert from "node:assert/strict";
import { test } from "node:test";
import { ShippingService } from "#gen/hipstershop/demo_pb.js";
import { ShippingService as OwnShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { isKind } from "#platform/kit/errors.ts";
import { testServices } from "#platform/testing/services.ts";
import { shipping } from "./service.ts";

const services = await testServices([shipping]);
const client = services.as(ShippingService, "shipping");
const address = {
  streetAddress: "Muffin Man",
  city: "London",
  state: "",
  country: "England, not a code",
  zipCode: 123,
};

test("a quote is USD 8.99 for any number of items, with or without an address", async () => {
  for (const quantity of [1, 30]) {
    for (const request of [
      { address, items: [{ productId: "23", quantity }] },
      { items: [{ productId: "23", quantity }] },
    ]) {
      const { costUsd } = await client.getQuote(request);
      assert.deepEqual([costUsd?.currencyCode, costUsd?.units, costUsd?.nanos], ["USD", 8n, 990_000_000]);
    }
  }
});

test("a quote for no items is USD 0", async () => {
  for (const items of [[], [{ productId: "23", quantity: 0 }]]) {
    const { costUsd } = await client.getQuote({ address, items });
    assert.deepEqual([costUsd?.currencyCode, costUsd?.units, costUsd?.nanos], ["USD", 0n, 0]);
  }
});

test("a shipped order has a tracking id of the known shape, and it can be tracked", async () => {
  const { trackingId } = await client.shipOrder({ address, items: [{ productId: "23", quantity: 1 }] });
  assert.match(trackingId, /^[A-Z]{2}-20\d{3}-10\d{7}$/);
  const tracked = await services
    .as(OwnShippingService, "shipping")
    .trackShipment({ trackingNumber: trackingId });
  assert.equal(tracked.status, "label_created");
});

test("an order without an address is INVALID_ARGUMENT", async () => {
  await assert.rejects(client.shipOrder({ items: [] }), (error) => isKind(error, "invalid"));
});
