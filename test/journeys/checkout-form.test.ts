// What the checkout form asks, knows and says, without JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";
import { admin, journeyShop } from "./open-shop.ts";
import { checkoutFields, formFields, Shopper, type Fields, type PageShown } from "./shopper.ts";

const shop = await journeyShop();
const { prices } = shop;

async function cartOf(shopper: Shopper, headers: Fields = {}): Promise<PageShown> {
  await shopper.post("/cart", { product_id: "6E92ZMYYFZ", quantity: "2" });
  return await shopper.get("/cart", headers);
}

const total = (page: PageShown) =>
  new RegExp(`Place order · (${prices.anyAmount()})`).exec(page.text)?.[1] ?? assert.fail(page.text);

const fieldsOf = (page: PageShown) => formFields(page.text, "/cart/checkout");

test("the country is that of the browser's language, and a state is asked only where addresses have one", async () => {
  for (const [language, country, hasState] of [
    ["de", "DE", false],
    ["ar-SA", "SA", false],
    ["en-GB,en;q=0.9", "GB", false],
    ["fr", "FR", false],
    ["pt-BR", "BR", true],
    ["en-US", "US", true],
  ] as const) {
    const page = await cartOf(new Shopper(shop.origin), { "accept-language": language });
    const fields = fieldsOf(page);
    assert.equal(fields["country"], country);
    assert.equal("state" in fields, hasState, language);
    if (hasState) assert.match(page.text, /<label for="state">State\s*<small>required<\/small>/);
    assert.match(total(page), new RegExp(prices.anyAmount()));
  }
});

test("the next order of a guest begins in the country of the last, that of an account with name, email and address", async () => {
  const abroad = {
    ...checkoutFields,
    full_name: "Grace Hopper",
    country: "Austria",
    city: "Wien",
    zip_code: "1010",
  };
  const guest = new Shopper(shop.origin);
  await cartOf(guest);
  await guest.post("/cart/checkout", abroad);
  const asGuest = fieldsOf(await cartOf(guest));
  assert.deepEqual([asGuest["country"], asGuest["street_address"], asGuest["email"]], ["AT", "", ""]);
  const shopper = new Shopper(shop.origin);
  const email = `grace-${Date.now()}@example.com`;
  const named = { email, password: "a sentence about amphorae", firstName: "Grace", lastName: "Hopper" };
  await shopper.post("/account/register", named);
  const first = fieldsOf(await cartOf(shopper));
  assert.deepEqual(
    [first["email"], first["full_name"], first["street_address"]],
    [email, "Grace Hopper", ""],
  );
  await shopper.post("/cart/checkout", { ...abroad, email });
  const page = await cartOf(shopper);
  const { full_name, street_address, zip_code, city, country, email: known } = fieldsOf(page);
  assert.deepEqual(
    { full_name, street_address, zip_code, city, country, known },
    {
      full_name: "Grace Hopper",
      street_address: checkoutFields["street_address"],
      zip_code: "1010",
      city: "Wien",
      country: "AT",
      known: email,
    },
  );
  assert.doesNotMatch(page.text, /Shipping \(estimate\)/, "the address is known");
  assert.doesNotMatch(page.text, /4242/);
});

test("the total follows the country without an order, and keeps all that was typed but the card", async () => {
  const shopper = new Shopper(shop.origin);
  const cart = await cartOf(shopper);
  const abroad = { ...checkoutFields, country: "AU", update: "1" };
  const asked = await shopper.submit(cart, "/cart/checkout", abroad);
  assert.equal(asked.status, 200);
  assert.notEqual(total(asked), total(cart));
  const { country, city, email, credit_card_number, credit_card_cvv } = fieldsOf(asked);
  assert.deepEqual(
    { country, city, email, credit_card_number, credit_card_cvv },
    {
      country: "AU",
      city: checkoutFields["city"],
      email: checkoutFields["email"],
      credit_card_number: "",
      credit_card_cvv: "",
    },
  );
  assert.doesNotMatch(asked.text, /role="alert"/);
  assert.match((await shopper.get("/account/orders")).text, /Nothing here yet/);
});

test("the buyer chooses how the order is sent, and pays what was shown for it", async () => {
  const shopper = new Shopper(shop.origin);
  const cart = await cartOf(shopper);
  assert.equal(fieldsOf(cart)["shippingMethodCode"], "standard");
  assert.match(cart.text, /Express shipping[\s\S]*?about 2 working days/);
  const express = { ...checkoutFields, shippingMethodCode: "express" };
  const asked = await shopper.submit(cart, "/cart/checkout", { ...express, update: "1" });
  assert.equal(fieldsOf(asked)["shippingMethodCode"], "express");
  assert.notEqual(total(asked), total(cart));
  const done = await shopper.order(asked, express);
  assert.ok(done.text.includes(total(asked)), done.text);
  const unknown = await shopper.order(await cartOf(shopper), {
    ...checkoutFields,
    shippingMethodCode: "by-owl",
  });
  assert.match(unknown.text, /This way of shipping does not go/);
});

test("a refused form lists its wrong fields with links, and the first of them has the focus", async () => {
  const shopper = new Shopper(shop.origin);
  const cart = await cartOf(shopper);
  const refused = await shopper.submit(cart, "/cart/checkout", {
    ...checkoutFields,
    zip_code: "0",
    credit_card_cvv: "",
  });
  assert.equal(refused.status, 422);
  const alert = /<div class="alert"[\s\S]*?<\/div>/.exec(refused.text)?.[0] ?? "";
  const links = [...alert.matchAll(/href="#(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(links, ["zip_code", "credit_card_cvv"]);
  const focused = [...refused.text.matchAll(/<(?:input|select)\b([^>]*)\sautofocus/g)];
  assert.deepEqual(
    focused.map(([, attributes = ""]) => /name="(\w+)"/.exec(attributes)?.[1]),
    ["zip_code"],
  );
});

test("of what there is less than wanted, the line says how much is left, and no list offers more", async () => {
  const session = await send<{ token: string }>("/api/users/login", admin);
  const rare = {
    name: "A rare thing",
    description: "There are three.",
    price: { amount: prices.costs("20.00"), currencyCode: prices.currency },
    category: "kitchen",
    stockQuantity: 3,
  };
  const { id } = await send<{ id: string }>("/api/products", rare, session.token);
  const shopper = new Shopper(shop.origin);
  const page = await shopper.get(`/product/${id}`);
  const offered = /<select name="quantity">([\s\S]*?)<\/select>/.exec(page.text)?.[1] ?? "";
  assert.deepEqual(
    [...offered.matchAll(/value="(\d+)"/g)].map(([, value]) => value),
    ["1", "2", "3"],
  );
  await shopper.post("/cart", { product_id: id, quantity: "5" });
  const cart = await shopper.get("/cart");
  assert.match(cart.text, /Only 3 left/);
  assert.match(cart.text, /<input[^>]*name="quantity"[^>]*max="3"/);
  assert.match(cart.text, /<button class="wide"[^>]*disabled/);
  const refused = await shopper.order(cart, checkoutFields);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /Only 3 left/);
  const taken = await shopper.follow(await shopper.submit(cart, "/cart/items"));
  assert.doesNotMatch(taken.text, /Only 3 left/);
  const deleted = await fetch(`${shop.origin}/api/products/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${session.token}` },
  });
  assert.equal(deleted.status, 204);
  const gone = await cartOf(shopper);
  assert.match(gone.text, /A rare thing[\s\S]*This is sold no more/);
  const removed = await shopper.follow(await shopper.submit(gone, "/cart/items", { remove: "1" }));
  assert.equal((await shopper.order(removed, checkoutFields)).status, 200);
});

test("a link to a variant shows it without scripts: price, facts, and how soon it can be there", async () => {
  const shopper = new Shopper(shop.origin);
  const page = await shopper.get("/product/1YMWWN1N4O");
  const links = [...page.text.matchAll(/href="(\/product\/[\w-]+\?variant=[0-9a-f-]+)"/g)].map(
    ([, link]) => link,
  );
  assert.ok(new Set(links).size >= 3, page.text);
  const shown = await Promise.all(links.map(async (link) => await shopper.get(String(link))));
  const steel = shown.find(({ text }) => /<dd>\s*steel mesh\s*<\/dd>/.test(text)) ?? assert.fail();
  assert.match(
    steel.text,
    new RegExp(`id="price"[^>]*>\\s*${prices.shows("124.99").replace(/[$.]/g, "\\$&")}`),
  );
  const german = await shopper.get("/product/1YMWWN1N4O", { "accept-language": "de-DE" });
  assert.match(german.text, /Delivery to Germany[\s\S]*about 1\d working days/);
  assert.doesNotMatch(german.text, /tomorrow|within a day/);
});

async function send<Answer>(path: string, body: object, token?: string): Promise<Answer> {
  const answer = await fetch(shop.origin + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const json = (await answer.json()) as Answer;
  assert.ok(answer.ok, JSON.stringify(json));
  return json;
}
