import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { PlaceOrderRequestSchema, type PlaceOrderRequest } from "#gen/stoa/checkout/v1/checkout_pb.js";
import { copyMessage } from "#platform/rpc/copy.ts";
import { askedOf, isSameAsk } from "./asked.ts";

type Wish = MessageInitShape<typeof PlaceOrderRequestSchema>;

const wish = {
  userId: "u-1",
  items: [{ productId: "p", variantId: "v", quantity: 2 }],
  email: "ada@example.com",
  currencyCode: "EUR",
  shippingAddress: { fullName: "Ada", line1: "1 St", city: "London", postalCode: "SW1", country: "GB" },
  card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2035, cvc: "123" },
  quoteId: "q",
  cartVersion: 7n,
  idempotencyKey: "k",
} satisfies Wish;

const bytesOf = (request: Wish) =>
  toBinary(PlaceOrderRequestSchema, create(PlaceOrderRequestSchema, request));
/** As it arrives in one process, and as it arrives over gRPC. */
const copied = (request: Wish) => copyMessage(PlaceOrderRequestSchema, request) as PlaceOrderRequest;
const parsed = (request: Wish) => fromBinary(PlaceOrderRequestSchema, bytesOf(request));

/** What the release before kept for `wish`, and for the same without a cart version: by transport. */
const keptBefore = {
  versioned: "v1.6XWGPbW4UrW3k1W64QJlO_nx1AgzOZkUDmuFpbgDNEk",
  copied: "RXDKBFzS02vz2Ih84mJ58YbjHiGmxHQZZAqA8GDtTzY",
  parsed: "xo65nBRsHqqeVU6ZBKBDuNTgIe95EcPWQN7BHZmKFUg",
  copiedWithoutVersion: "eSh6a99I90yUW_iaN6Vwk8YatHjVDKqGKiX4rTPYZXw",
  parsedWithoutVersion: "H-8c267XzXR0Yp2qKlbkCgo721ErpdhfLYW2C4oyaHo",
};
const { cartVersion: _, ...wishWithoutVersion } = wish;

test("the same request has the same fingerprint over both transports", () => {
  const { versionedHash } = askedOf(copied(wish));
  assert.equal(askedOf(parsed(wish)).versionedHash, versionedHash);
  assert.ok(isSameAsk(askedOf(copied(wish)), parsed(wish)));
  assert.ok(isSameAsk(askedOf(parsed(wish)), copied(wish)));
});

test("a field of a newer release that the request carries changes nothing", () => {
  const newer = new BinaryWriter().tag(900, WireType.LengthDelimited).string("of a later release").finish();
  const request = fromBinary(PlaceOrderRequestSchema, Buffer.concat([bytesOf(wish), newer]));
  assert.equal(request.$unknown?.length, 1);
  assert.deepEqual(askedOf(request), askedOf(parsed(wish)));
  // A field that this release knows and the one before did not, empty in a request of the one before.
  const grown = Object.assign(parsed(wish), { giftNote: "", boxes: [] });
  assert.deepEqual(askedOf(grown), askedOf(parsed(wish)));
});

test("keys kept by the release before are honoured, whichever transport brought them", () => {
  for (const request of [copied(wish), parsed(wish)])
    for (const messageHash of [keptBefore.copied, keptBefore.parsed])
      assert.ok(isSameAsk({ versionedHash: null, messageHash }, request));
  for (const request of [copied(wishWithoutVersion), parsed(wishWithoutVersion)])
    for (const messageHash of [keptBefore.copiedWithoutVersion, keptBefore.parsedWithoutVersion])
      assert.ok(isSameAsk({ versionedHash: null, messageHash }, request));
});

test("the release before finds in new rows what it would have written itself", () => {
  assert.equal(askedOf(copied(wish)).messageHash, keptBefore.copied);
  assert.equal(askedOf(parsed(wish)).messageHash, keptBefore.parsed);
  assert.equal(askedOf(copied(wishWithoutVersion)).messageHash, keptBefore.copiedWithoutVersion);
  assert.equal(askedOf(parsed(wishWithoutVersion)).messageHash, keptBefore.parsedWithoutVersion);
});

test("another request is never taken for the kept one, whoever kept it", () => {
  const others: Wish[] = [
    { ...wish, email: "eve@example.com" },
    { ...wish, currencyCode: "USD" },
    { ...wish, items: [{ productId: "p", variantId: "v", quantity: 3 }] },
    { ...wish, items: [...wish.items, ...wish.items] },
    { ...wish, shippingAddress: { ...wish.shippingAddress, line1: "2 St" } },
    { ...wish, card: { ...wish.card, number: "4000000000000002" } },
    { ...wish, card: { ...wish.card, expiryYear: 2036 } },
    { ...wish, quoteId: "" },
    { ...wish, cartVersion: 8n },
    wishWithoutVersion,
  ];
  for (const other of others)
    for (const request of [copied(other), parsed(other)]) {
      assert.ok(!isSameAsk(askedOf(copied(wish)), request));
      for (const messageHash of [keptBefore.copied, keptBefore.parsed])
        assert.ok(!isSameAsk({ versionedHash: null, messageHash }, request));
    }
});

test("the shipping method counts; without one, requests are what they were before there was any", () => {
  const wished: Wish = { ...wish, shippingMethodCode: "express" };
  for (const request of [copied(wished), parsed(wished)]) {
    assert.ok(!isSameAsk(askedOf(copied(wish)), request));
    assert.ok(isSameAsk(askedOf(parsed(wished)), request));
  }
  assert.equal(askedOf(copied(wish)).versionedHash, keptBefore.versioned);
});

test("a hash of a version that is not known here is judged by the message's own", () => {
  const kept = { versionedHash: `v9.${"a".repeat(43)}`, messageHash: keptBefore.parsed };
  assert.ok(isSameAsk(kept, copied(wish)));
  assert.ok(!isSameAsk({ ...kept, messageHash: keptBefore.parsedWithoutVersion }, copied(wish)));
});
