import assert from "node:assert/strict";
import { test } from "node:test";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { isKind, isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { testServices } from "#platform/testing/services.ts";
import { shipping } from "../service.ts";
import { advanceShipment } from "./advance-shipment.ts";

const services = await testServices([shipping]);
const client = services.as(ShippingService, "shipping", "order");
const address = { line1: "1 Main Street", city: "Springfield", postalCode: "12345", country: "US" };

async function openParcel() {
  const orderId = newId();
  const { trackingNumber } = await client.createShipment({ orderId, address });
  const passed = async () =>
    (await client.trackShipment({ trackingNumber })).events.map(({ status }) => status);
  return {
    orderId,
    passed,
    advance: async (status: string) => await client.advanceShipment({ orderId, status }),
  };
}

test("a parcel goes from label to carrier to door, each step noted once", async () => {
  const parcel = await openParcel();
  await parcel.advance("in_transit");
  await parcel.advance("in_transit");
  await parcel.advance("delivered");
  await parcel.advance("delivered");
  assert.deepEqual(await parcel.passed(), ["label_created", "in_transit", "delivered"]);
});

test("a delivered parcel never goes back on its way", async () => {
  const parcel = await openParcel();
  await parcel.advance("delivered");
  await parcel.advance("in_transit");
  assert.deepEqual(await parcel.passed(), ["label_created", "delivered"]);
});

test("only services of the shop move parcels", async () => {
  const call = testCall({ userId: newId(), role: "admin" });
  const handler = advanceShipment as (ctx: never, request: never, call: unknown) => Promise<unknown>;
  await assert.rejects(handler({} as never, {} as never, call), (error) =>
    isReason(error, "SERVICE_REQUIRED"),
  );
});

test("an unknown order, a cancelled parcel and a status that is no step are refused", async () => {
  const parcel = await openParcel();
  await assert.rejects(parcel.advance("lost"), (error) => isKind(error, "invalid"));
  await assert.rejects(client.advanceShipment({ orderId: newId(), status: "delivered" }), (error) =>
    isReason(error, "SHIPMENT_NOT_FOUND"),
  );
  await client.cancelShipment({ orderId: parcel.orderId });
  await assert.rejects(parcel.advance("delivered"), (error) => isReason(error, "SHIPMENT_CANCELLED"));
});
