// What the guides do not test: the discount, the room of the admin and the looks, all in one shop.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openTestShop } from "#platform/testing/shop.ts";
import { Shopper } from "../../test/journeys/shopper.ts";
import { shop } from "./testing/gift-shop.ts";

const staff = { email: "staff@example.com", password: "the keys of the colonnade" };
const { ask, origin } = await openTestShop(shop, {
  environment: { ADMIN_EMAIL: staff.email, ADMIN_PASSWORD: staff.password, SHOP_LOCALE: "de-DE" },
});

test("three different things make a hamper, a twentieth off; three of one thing do not", async () => {
  const { body: guest } = await ask<{ token: string }>("POST", "/api/users/guest", { body: {} });
  const { body: list } = await ask<{ items: { id: string }[] }>("GET", "/api/products?limit=3&inStock=true");
  const quote = async (items: { productId: string; quantity: number }[]) => {
    const shippingAddress = { line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" };
    const body = { items, shippingAddress };
    const answer = await ask<{ [part: string]: { amount: string } }>("POST", "/api/checkout/quote", {
      body,
      token: guest.token,
    });
    const cents = (part: string) => Math.round(Number(answer.body[part]?.amount) * 100);
    return { subtotal: cents("subtotal"), discount: cents("discount") };
  };
  const each = list.items.map(({ id }) => ({ productId: id, quantity: 1 }));
  const hamper = await quote(each);
  assert.ok(hamper.discount > 0 && Math.abs(hamper.discount - hamper.subtotal / 20) <= 0.5);
  assert.equal((await quote(each.slice(0, 1).map((item) => ({ ...item, quantity: 3 })))).discount, 0);
});

test("the staff has a room for the notes, in the language of the shop", async () => {
  const manager = new Shopper(origin);
  assert.equal((await manager.get("/admin/gifts")).status, 302);
  await manager.post("/admin/login", staff);
  const room = await manager.get("/admin/gifts");
  assert.match(room.text, /<a href="\/admin\/gifts"\s+aria-current="page">Geschenkkarten<\/a>/);
  assert.match(room.text, /<th scope="col"\s*>Bestellung</);
});

test("the shop is dressed for presents, and its reference tells of the new endpoints and of the field", async () => {
  const { text } = await new Shopper(origin).get("/");
  assert.match(text, /<meta name="theme-color" content="#fdf8f5"/);
  const { body } = await ask<{
    paths: { [path: string]: object };
    components: { schemas: { Product: { properties: { attributes: { properties?: object } } } } };
  }>("GET", "/openapi.json");
  assert.ok(body.paths["/api/gift-note"] && body.paths["/api/gift-notes"]);
  assert.ok("occasion" in (body.components.schemas.Product.properties.attributes.properties ?? {}));
});
