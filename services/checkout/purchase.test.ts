import assert from "node:assert/strict";
import { it } from "node:test";
import { money } from "#platform/kit/money.ts";
import { noRules, pricePurchase } from "./pricing.ts";
import { fingerprintOf, purchaseFromJson, purchaseToJson, type Purchase } from "./purchase.ts";

function purchase(changes: Partial<Purchase> = {}, unitMinor = 1999n): Purchase {
  const item = {
    productId: "p1",
    variantId: "v1",
    productCode: "OLJCESPC7Z",
    name: "Sunglasses 12n",
    quantity: 2,
    unitPrice: money("USD", unitMinor),
  };
  return {
    ...pricePurchase("USD", [item], money("USD", 899n), noRules),
    userId: "u1",
    email: "ada@example.com",
    currencyCode: "USD",
    address: {
      fullName: "Ada",
      line1: "12n",
      line2: "",
      city: "London",
      region: "",
      postalCode: "007n",
      country: "GB",
      freeText: false,
    },
    shippingMethodCode: "standard",
    shippingMethodName: "Standard shipping",
    rateSnapshotId: "",
    cartVersion: 7n,
    ...changes,
  };
}

it("a purchase read back from the database is the one that was written, also where a text looks like a number", () => {
  assert.deepEqual(purchaseFromJson(JSON.parse(purchaseToJson(purchase()))), purchase());
});

it("a purchase without a cart reads back without a cart version", () => {
  const { cartVersion } = purchaseFromJson(JSON.parse(purchaseToJson(purchase({ cartVersion: undefined }))));
  assert.equal(cartVersion, undefined);
});

it("a purchase that the release before kept has no name for its shipping method, and reads back", () => {
  const { shippingMethodName: _, ...kept } = purchase();
  const text = JSON.stringify(kept, (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  assert.deepEqual(purchaseFromJson(JSON.parse(text)), purchase({ shippingMethodName: "" }));
});

it("whatever the buyer sees changes the fingerprint; what the buyer does not see does not", () => {
  const shown = fingerprintOf(purchase());
  assert.notEqual(fingerprintOf(purchase({}, 2000n)), shown);
  assert.notEqual(fingerprintOf(purchase({ shippingMethodCode: "express" })), shown);
  assert.notEqual(fingerprintOf(purchase({ total: money("USD", 1n) })), shown);
  assert.notEqual(fingerprintOf(purchase({ total: money("EUR", purchase().total.minor) })), shown);
  assert.equal(fingerprintOf(purchase({ cartVersion: 8n })), shown);
});
