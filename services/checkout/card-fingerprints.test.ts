import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { CardSchema } from "#gen/stoa/payment/v1/payment_pb.js";
import { CardFingerprints } from "./card-fingerprints.ts";

const cards = new CardFingerprints("a-secret-that-services-share-0123456789");
const card = (number: string, cvc = "123") =>
  create(CardSchema, { number, expiryMonth: 12, expiryYear: 2040, cvc });
const of = (number: string, { cvc = "123", idempotencyKey = "k", on = cards } = {}) =>
  on.of({ idempotencyKey, card: card(number, cvc) });

test("another number differs also when its last four digits agree; the same one does not, however it is written", () => {
  const kept = of("4242424242424242");
  // Valid by its check digit, and with the same end.
  assert.ok(cards.differ(kept, of("4000000000014242")));
  for (const same of ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"])
    assert.ok(!cards.differ(kept, of(same)));
});

test("the code on the back is in no fingerprint", () => {
  assert.equal(of("4242424242424242", { cvc: "123" }), of("4242424242424242", { cvc: "999" }));
});

test("one card has another fingerprint under every key, so that rows cannot be put side by side", () => {
  const seen = ["k", "k2", ""].map((idempotencyKey) => of("4242424242424242", { idempotencyKey }));
  assert.equal(new Set(seen).size, 3);
});

test("what is kept holds no digits of the card, and without the secret it cannot be tried out", () => {
  const kept = of("4242424242424242") ?? "";
  assert.ok(!kept.includes("4242"));
  assert.notEqual(of("4242424242424242", { on: new CardFingerprints("another secret") }), kept);
});

test("after the secret was exchanged, and in rows of a release before, nothing is said of the card", () => {
  const others = new CardFingerprints("another-secret-that-services-share-0123");
  assert.ok(!others.differ(of("4242424242424242"), of("4000000000014242", { on: others })));
  assert.ok(!cards.differ(null, of("4242424242424242")));
  assert.ok(!cards.differ(of("4242424242424242"), null));
  assert.equal(cards.of({ idempotencyKey: "k", card: undefined }), null);
});
