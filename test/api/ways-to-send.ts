// Where an order goes and how it is sent, over REST.
import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import type { Shop } from "./product-edits.ts";

/** Declares the tests, to run in a shop that is open. */
export function waysToSend(shop: Shop): void {
  chosenWay(shop);
  refusedWay(shop);
  postalCodes(shop);
}

function chosenWay({ api, admin, product, requireCode, purchase }: Shop): void {
  it("the buyer chooses how the order is sent: quoted, charged, booked and shown as chosen", async () => {
    const { token } = await api.guest();
    const { id } = await product();
    const items = [{ productId: id, quantity: 1 }];
    const ask = { shippingAddress: purchase.shippingAddress, items, currencyCode: "EUR" };
    const quote = async (fields: object = {}) =>
      (await api.send("POST /api/checkout/quote", { token, body: { ...ask, ...fields } })).json;
    const order = async (fields: object, headers = {}) =>
      await api.send("POST /api/orders", {
        token,
        body: { ...purchase, items, currencyCode: "EUR", ...fields },
        headers,
      });
    const { methods } = (await api.send("POST /api/shipping/quote", { body: ask })).json;
    const standard = await quote();
    assert.deepEqual(standard.shippingMethods, methods);
    assert.equal(standard.shippingMethodCode, methods[0].code);
    assert.deepEqual(standard.shippingCost, methods[0].cost);
    const express = await quote({ shippingMethodCode: "express" });
    assert.equal(express.shippingMethodCode, "express");
    assert.deepEqual(express.shippingCost, methods[1].cost);

    const body = { quoteId: express.quoteId, shippingMethodCode: "express" };
    const placed = await order(body, { "idempotency-key": "sent-by" });
    assert.equal(placed.status, 201, placed.text);
    assert.deepEqual(placed.json.shippingMethod, { code: "express", name: "Express shipping" });
    assert.deepEqual(placed.json.shippingCost, methods[1].cost);
    assert.deepEqual(placed.json.totalAmount, express.total);
    const again = { ...body, shippingMethodCode: "standard" };
    requireCode(await order(again, { "idempotency-key": "sent-by" }), 422, "IDEMPOTENCY_KEY_REUSED");
    const parcel = (await api.send(`GET /api/shipping/track/${placed.json.trackingNumber}`)).json;
    assert.equal(parcel.methodName, "Express shipping");
    const seen = (await api.send(`GET /api/orders/${placed.json.id}`, { token })).json;
    assert.deepEqual(seen.shippingMethod, placed.json.shippingMethod);
    await eventually("the mail names the method", async () => {
      const { items: mails } = (await api.send(`GET /api/mails?orderId=${seen.id}`, { token: admin })).json;
      if (mails.length === 0) return false;
      return /Express shipping/.test(
        (await api.send(`GET /api/mails/${mails[0].id}`, { token: admin })).json.text,
      );
    });

    // The quote says how, where the order does not.
    const followed = await order({ quoteId: express.quoteId });
    assert.deepEqual(followed.json.shippingMethod, placed.json.shippingMethod, followed.text);
    assert.equal((await order({})).json.shippingMethod.code, methods[0].code);
  });
}

function refusedWay({ api, product, requireCode, purchase }: Shop): void {
  it("a way to send that there is not is refused with those there are, and one that was not quoted with its quote", async () => {
    const { token } = await api.guest();
    const { id } = await product();
    const items = [{ productId: id, quantity: 1 }];
    const ask = { shippingAddress: purchase.shippingAddress, items };
    for (const code of ["pigeon", "EXPRESS", "standard "]) {
      const quoted = await api.send("POST /api/checkout/quote", {
        token,
        body: { ...ask, shippingMethodCode: code },
      });
      const ordered = await api.send("POST /api/orders", {
        token,
        body: { ...purchase, items, shippingMethodCode: code },
      });
      for (const answer of [quoted, ordered]) {
        requireCode(answer, 400, "SHIPPING_METHOD_UNKNOWN");
        assert.equal(answer.json.errors[0].path, "shippingMethodCode");
        assert.match(answer.json.detail, /standard, express/);
        assert.deepEqual(
          answer.json.shippingMethods.map((method: { code: string }) => method.code),
          ["standard", "express"],
        );
      }
    }
    const quote = (await api.send("POST /api/checkout/quote", { token, body: ask })).json;
    const changed = await api.send("POST /api/orders", {
      token,
      body: { ...purchase, items, quoteId: quote.quoteId, shippingMethodCode: "express" },
    });
    requireCode(changed, 409, "QUOTE_CHANGED");
    assert.equal(changed.json.quote.shippingMethodCode, "express");
    assert.deepEqual(changed.json.quote.shippingMethods, quote.shippingMethods);
    assert.equal((await api.send("GET /api/orders", { token })).json.total, 0);
  });
}

function postalCodes({ api, product, requireCode, purchase }: Shop): void {
  it("postal codes are taken as people write them and stored as they are spelt; a wrong one is refused with a right one", async () => {
    const { token } = await api.guest();
    const { id } = await product();
    const items = [{ productId: id, quantity: 1 }];
    const order = async (shippingAddress: object) =>
      await api.send("POST /api/orders", { token, body: { ...purchase, items, shippingAddress } });
    const to = { line1: "1 High Street", city: "Somewhere" };
    for (const [country, postalCode, stored] of [
      ["GB", "sw1y4jh", "SW1Y 4JH"],
      ["JP", "〒１００－０００１", "100-0001"],
      ["IE", undefined, ""],
    ]) {
      const placed = await order({ ...to, country, ...(postalCode === undefined ? {} : { postalCode }) });
      assert.equal(placed.status, 201, placed.text);
      assert.equal(placed.json.shippingAddress.postalCode, stored);
    }
    const wrong = await order({ ...to, country: "DE", postalCode: "1011" });
    requireCode(wrong, 400, "ADDRESS_INVALID");
    assert.equal(wrong.json.errors[0].path, "shippingAddress.postalCode");
    assert.match(wrong.json.errors[0].message, /looks like 10115/);
    const named = await order({ ...to, country: "ZZ", countryName: "Atlantis", postalCode: "1011" });
    assert.deepEqual([named.status, named.json.shippingAddress.country], [201, "Atlantis"]);
    requireCode(await order({ ...to, country: "ZZ", postalCode: "" }), 400, "ADDRESS_INVALID");
  });
}
