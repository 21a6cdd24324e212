// What every answer to the shipping port promises: the first suite is for all, the second for those with a carrier.
import assert from "node:assert/strict";
import { it } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import type { AddressFields, Carrier, LabelRequest, Parcel, ShippingProvider } from "./provider.ts";

const address: AddressFields = {
  fullName: "Ada Lovelace",
  line1: "1 Analytical Way",
  line2: "",
  city: "Berlin",
  region: "",
  postalCode: "10115",
  country: "DE",
  freeText: false,
};
const freeText = { ...address, postalCode: "", country: "Germany, by the river", freeText: true };
const items = [{ productId: "p", variantId: "v", quantity: 3n }];
const parcels: [says: string, parcel: Parcel][] = [
  ["to an address", { address, items }],
  ["to an address nobody checked", { address: freeText, items }],
  ["to the shop's own country", { address: undefined, items }],
  ["with nothing in it", { address, items: [] }],
];

/** Runs the suite over one implementation, opened as a shop in each of the currencies would. */
export function shippingProviderContract(
  name: string,
  open: (currencyCode: string) => Promise<ShippingProvider> | ShippingProvider,
): void {
  for (const currencyCode of ["USD", "EUR", "JPY", "KWD"])
    it(`${name}: a shop in ${currencyCode} gets methods in ${currencyCode}, each with a code of its own, for whatever parcel`, async () => {
      const provider = await open(currencyCode);
      for (const [says, parcel] of parcels) {
        const methods = await provider.quoteMethods(parcel, {});
        assert.ok(methods.length > 0, says);
        assert.equal(new Set(methods.map(({ code }) => code)).size, methods.length, says);
        for (const method of methods) {
          assert.ok(method.name !== "" && method.code !== "", says);
          assert.ok(Number.isInteger(method.estimatedDays) && method.estimatedDays >= 0, says);
          assert.equal(method.cost.currencyCode, currencyCode, says);
          assert.ok(method.cost.minor >= 0n, says);
        }
      }
    });

  it(`${name}: the same parcel has the same methods at the same cost however often it is asked; nothing costs nothing`, async () => {
    const provider = await open("USD");
    for (const [, parcel] of parcels)
      assert.deepEqual(await provider.quoteMethods(parcel, {}), await provider.quoteMethods(parcel, {}));
    const methods = await provider.quoteMethods({ address, items: [] }, {});
    assert.ok(methods.every(({ cost }) => cost.minor === 0n));
  });
}

/** Runs the suite over the carrier of one implementation; `open` gives it and a method it knows. */
export function carrierContract(
  name: string,
  open: () => Promise<{ carrier: Carrier; methodCode: string; handOver: (orderId: string) => Promise<void> }>,
): void {
  const request = (methodCode: string): LabelRequest => ({ orderId: newId(), address, items, methodCode });

  it(`${name}: there is one label for each order, also when it is asked for ten times at once, and it is found by the order`, async () => {
    const { carrier, methodCode } = await open();
    const wanted = request(methodCode);
    assert.equal(await carrier.findLabel(wanted.orderId, {}), undefined);
    const labels = await Promise.all(Array.from({ length: 10 }, () => carrier.createLabel(wanted, {})));
    assert.equal(new Set(labels.map(({ trackingNumber }) => trackingNumber)).size, 1);
    assert.deepEqual(await carrier.findLabel(wanted.orderId, {}), labels[0]);
    assert.deepEqual(await carrier.createLabel(wanted, {}), labels[0]);
    assert.match(labels[0]?.trackingNumber ?? "", /^[A-Z0-9-]{8,40}$/);
    const other = await carrier.createLabel(request(methodCode), {});
    assert.notEqual(other.trackingNumber, labels[0]?.trackingNumber);
  });

  it(`${name}: a cancelled label stays cancelled whatever is repeated; what was never asked for is stopped`, async () => {
    const { carrier, methodCode } = await open();
    const wanted = request(methodCode);
    const { trackingNumber } = await carrier.createLabel(wanted, {});
    for (let time = 0; time < 2; time += 1)
      assert.equal(await carrier.cancelLabel(wanted.orderId, {}), "stopped");
    const cancelled = { trackingNumber, status: "cancelled" };
    assert.deepEqual(await carrier.createLabel(wanted, {}), cancelled);
    assert.deepEqual(await carrier.findLabel(wanted.orderId, {}), cancelled);
    assert.equal(await carrier.cancelLabel(newId(), {}), "stopped");
  });

  it(`${name}: a parcel that was handed over is on its way and cannot be stopped`, async () => {
    const { carrier, methodCode, handOver } = await open();
    const wanted = request(methodCode);
    await carrier.createLabel(wanted, {});
    await handOver(wanted.orderId);
    assert.equal((await carrier.findLabel(wanted.orderId, {}))?.status, "in_transit");
    assert.equal(await carrier.cancelLabel(wanted.orderId, {}), "handed_over");
    assert.equal((await carrier.findLabel(wanted.orderId, {}))?.status, "in_transit");
  });
}
