import assert from "node:assert/strict";
import { test } from "node:test";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { isKind, isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { testServices } from "#platform/testing/services.ts";
import { shipping } from "../service.ts";
import { cancelShipment } from "./cancel-shipment.ts";

const services = await testServices([shipping]);
const client = services.as(ShippingService, "shipping", "checkout");
const address = { line1: "1 Main Street", city: "Springfield", postalCode: "12345", country: "US" };
const create = async (orderId: string) => await client.createShipment({ orderId, address });
const isCancelled = (error: unknown) => isReason(error, "SHIPMENT_CANCELLED") && error.kind === "conflict";

test("a cancelled parcel is shown as cancelled and is never made again; repeats change nothing", async () => {
  const orderId = newId();
  const { trackingNumber } = await create(orderId);
  await client.cancelShipment({ orderId });
  await client.cancelShipment({ orderId });
  const tracked = await client.trackShipment({ trackingNumber });
  assert.deepEqual(
    tracked.events.map(({ status }) => status),
    ["label_created", "cancelled"],
  );
  await assert.rejects(create(orderId), isCancelled);
});

test("an order cancelled before its parcel was made never gets one", async () => {
  const orderId = newId();
  await client.cancelShipment({ orderId });
  await assert.rejects(create(orderId), isCancelled);
  await client.cancelShipment({ orderId });
});

test("when making and cancelling race, the parcel always ends cancelled", async () => {
  for (let round = 0; round < 30; round += 1) {
    const orderId = newId();
    const made = create(orderId).then(
      ({ trackingNumber }) => trackingNumber,
      (error: unknown) => {
        assert.ok(isCancelled(error));
        return undefined;
      },
    );
    const [trackingNumber] = await Promise.all([made, client.cancelShipment({ orderId })]);
    if (trackingNumber) assert.equal((await client.trackShipment({ trackingNumber })).status, "cancelled");
    await assert.rejects(create(orderId), isCancelled);
  }
});

test("only services of the shop cancel parcels", async () => {
  const call = testCall({ userId: newId(), role: "admin" });
  const handler = cancelShipment as (ctx: never, request: never, call: unknown) => Promise<unknown>;
  await assert.rejects(handler({} as never, {} as never, call), (error) =>
    isReason(error, "SERVICE_REQUIRED"),
  );
});

test("a parcel the carrier has cannot be stopped", async () => {
  const orderId = newId();
  await create(orderId);
  await client.advanceShipment({ orderId, status: "in_transit" });
  await assert.rejects(client.cancelShipment({ orderId }), (error) => {
    return isReason(error, "SHIPMENT_HANDED_OVER") && error.kind === "conflict";
  });
});

test("an order id that is none is refused", async () => {
  await assert.rejects(client.cancelShipment({ orderId: "x" }), (error) => isKind(error, "invalid"));
});
