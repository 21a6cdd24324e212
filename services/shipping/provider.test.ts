import assert from "node:assert/strict";
import { test } from "node:test";
import { EventInboxService } from "#gen/stoa/platform/v1/events_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { isReason } from "#platform/kit/errors.ts";
import { defineExtension, provide, type ProviderKit } from "#platform/kit/extension.ts";
import { newId } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { makeDue, workOff } from "#platform/testing/tasks.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { testServices, testShop } from "#platform/testing/services.ts";
import { carrierContract, shippingProviderContract } from "./provider.contract.ts";
import { shippingPort } from "./provider.ts";
import { shipping } from "./service.ts";
import { tableProvider } from "./table-provider.ts";
import { CarrierServer, remoteProvider } from "./testing/remote-carrier.ts";

const server = await new CarrierServer().open();
const environment = { SHIPPING_PROVIDER: "remote", REMOTE_CARRIER_URL: server.url };
// Everything that is waited for comes before the first test: hooks run when no test is left.
const extensions = [defineExtension({ name: "remote", provides: [provide(shippingPort, remoteProvider)] })];

const services = await testServices([shipping], { environment, extensions });

function kitOf(currency: string): ProviderKit<never> {
  const shop = testShop({ currency });
  const config = { REMOTE_CARRIER_URL: server.url } as never;
  return {
    service: "shipping",
    config,
    clock: systemClock,
    log: silentLog,
    shop,
  } as unknown as ProviderKit<never>;
}
const given = { originCountry: "US" };
const openRemote = async (currency: string) => await remoteProvider.create(kitOf(currency), given);

shippingProviderContract("table", async (currency) => await tableProvider.create(kitOf(currency), given));
shippingProviderContract("remote", openRemote);
carrierContract("remote", async () => {
  const { carrier } = await openRemote("USD");
  if (!carrier) throw new Error("The remote provider has no carrier.");
  return { carrier, methodCode: "pigeon", handOver: (orderId) => Promise.resolve(handOver(orderId)) };
});

function handOver(orderId: string) {
  const label = server.labels.get(orderId);
  if (label) label.status = "in_transit";
}

const client = services.as(ShippingService, "shipping", "checkout");
const address = { line1: "1 Main Street", city: "Springfield", postalCode: "12345", country: "US" };
const create = async (orderId: string, timeoutMs?: number) =>
  await client.createShipment({ orderId, address, items: [{ productId: "p", quantity: 1n }] }, { timeoutMs });
const [opened] = services.services;
if (!opened?.db) throw new Error("The shipping service did not open.");
const { db } = opened;
const stateOf = async (orderId: string) =>
  await db.row<{ status: string; isOwed: boolean; carrier: string | null }>(
    `select status, carrier, exists (select from tasks where name = 'cancel-label' and done_at is null
       and payload ->> 'orderId' = order_id::text) as "isOwed" from shipments where order_id = $1`,
    [orderId],
  );
const tellCarrier = async () => await workOff(db, opened.parts.tasks ?? []);

test("quotes and parcels come from the provider that the setting names, under the names it gives", async () => {
  const { methods } = await client.getQuote({ address, items: [{ productId: "p", quantity: 1n }] });
  assert.deepEqual(
    methods.map(({ code, cost }) => [code, cost?.minor]),
    [["pigeon", 500n]],
  );
  const orderId = newId();
  const { trackingNumber } = await create(orderId);
  assert.equal(trackingNumber, server.labels.get(orderId)?.trackingNumber);
  assert.equal((await client.trackShipment({ trackingNumber })).methodName, "Pigeon post");
});

test("an answer that is lost, or comes too late, leaves the parcel requested; the repeat gets the one label there is", async () => {
  for (const trouble of ["lost", "held"] as const) {
    const orderId = newId();
    server.troubles.push(trouble);
    await assert.rejects(create(orderId, 500));
    assert.deepEqual(await stateOf(orderId), { status: "requested", isOwed: false, carrier: "remote" });
    server.letGo();
    const { trackingNumber } = await create(orderId);
    assert.equal(trackingNumber, server.labels.get(orderId)?.trackingNumber);
    assert.equal((await stateOf(orderId))?.status, "label_created");
  }
});

test("twenty repeats at once make one label, and a repeat after that asks nobody", async () => {
  const orderId = newId();
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(orderId)));
  assert.equal(new Set(answers.map(({ trackingNumber }) => trackingNumber)).size, 1);
  const asked = server.requests.length;
  await create(orderId);
  assert.equal(server.requests.length, asked);
});

test("a cancel that overtakes the carrier's answer wins: the late label is cancelled at the carrier", async () => {
  const orderId = newId();
  server.troubles.push("held");
  const made = create(orderId).then(
    () => undefined,
    (error: unknown) => error,
  );
  await eventually("the carrier is asked", () => server.heldCount === 1);
  await client.cancelShipment({ orderId });
  server.letGo();
  assert.ok(isReason(await made, "SHIPMENT_CANCELLED"));
  await tellCarrier();
  assert.equal(server.labels.get(orderId)?.status, "cancelled");
  await makeDue(db, "cancel-label");
  await tellCarrier();
  assert.deepEqual(await stateOf(orderId), { status: "cancelled", isOwed: false, carrier: "remote" });
});

test("the parcel of a cancelled order is cancelled at the carrier, however often the carrier is away", async () => {
  const orderId = newId();
  await create(orderId);
  const events = [{ id: newId(), topic: "order.cancelled", aggregateId: orderId, payloadJson: "{}" }];
  const inbox = services.as(EventInboxService, "shipping", "order");
  assert.deepEqual((await inbox.deliver({ source: "order", events })).failures, []);
  assert.equal(server.labels.get(orderId)?.status, "label_created");
  server.troubles.push("lost");
  await tellCarrier();
  assert.equal((await stateOf(orderId))?.isOwed, true);
  await makeDue(db, "cancel-label");
  await tellCarrier();
  assert.equal(server.labels.get(orderId)?.status, "cancelled");
  assert.equal((await stateOf(orderId))?.isOwed, false);
});

test("a parcel that the carrier has cannot be stopped, and is shown on its way", async () => {
  const orderId = newId();
  const { trackingNumber } = await create(orderId);
  handOver(orderId);
  await assert.rejects(client.cancelShipment({ orderId }), (error) =>
    isReason(error, "SHIPMENT_HANDED_OVER"),
  );
  assert.equal((await client.trackShipment({ trackingNumber })).status, "in_transit");
});

test("tracking asks the carrier at most once a minute, and shows what is known when it is silent", async () => {
  const orderId = newId();
  const { trackingNumber } = await create(orderId);
  server.troubles.push("lost");
  assert.equal((await client.trackShipment({ trackingNumber })).status, "label_created");
  handOver(orderId);
  assert.equal((await client.trackShipment({ trackingNumber })).status, "label_created");
  await db.run("update shipments set followed_at = now() - interval '2 minutes'");
  assert.equal((await client.trackShipment({ trackingNumber })).status, "in_transit");
});
