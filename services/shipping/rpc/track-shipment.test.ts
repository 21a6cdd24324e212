import assert from "node:assert/strict";
import { test } from "node:test";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { testServices } from "#platform/testing/services.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { shipping } from "../service.ts";

const friday = new TestClock(new Date("2030-01-04T12:00:00Z"));
const services = await testServices([shipping], { clock: friday });
const client = services.as(ShippingService, "shipping", "gateway");

test("tracking tells method, country, steps and the expected day, and neither name nor street", async () => {
  const { trackingNumber } = await client.createShipment({
    orderId: newId(),
    address: {
      fullName: "Ada Lovelace",
      line1: "12 Elm Street",
      city: "Ottawa",
      postalCode: "K1A 0B1",
      country: "CA",
    },
    methodCode: "express",
  });
  const tracked = await client.trackShipment({ trackingNumber: ` ${trackingNumber.toLowerCase()}` });
  assert.equal(tracked.trackingNumber, trackingNumber);
  assert.equal(tracked.country, "CA");
  const expected = tracked.estimatedDeliveryOn && timestampDate(tracked.estimatedDeliveryOn).toISOString();
  assert.equal(expected, "2030-01-09T00:00:00.000Z");
  const shown = JSON.stringify(tracked, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  assert.doesNotMatch(shown, /Ada|Elm|Ottawa|K1A/);
});

test("an unknown number and a text that is none are TRACKING_NUMBER_NOT_FOUND", async () => {
  for (const trackingNumber of ["AB-44123-221234567", "", "' or 1=1", "x".repeat(5_000)])
    await assert.rejects(client.trackShipment({ trackingNumber }), (error) => {
      return isReason(error, "TRACKING_NUMBER_NOT_FOUND") && error.kind === "not_found";
    });
});
