import assert from "node:assert/strict";
import { it } from "node:test";
import { openTestShop } from "#platform/testing/shop.ts";
import { shop } from "./testing/gift-shop.ts";

const staff = { email: "staff@example.com", password: "the keys of the colonnade" };

it("a product says for which occasion it is, in one of the words there are, and is found by it", async () => {
  const environment = { ADMIN_EMAIL: staff.email, ADMIN_PASSWORD: staff.password };
  const { ask } = await openTestShop(shop, { environment });
  const { body: admin } = await ask<{ token: string }>("POST", "/api/users/login", { body: staff });
  const create = async (occasion: string) => {
    const product = {
      name: "Silver Bell",
      description: "It rings once.",
      price: { amount: "19.00", currencyCode: "USD" },
      category: "decor",
      attributes: { occasion },
    };
    return await ask<{ id: string; errors?: object[] }>("POST", "/api/products", {
      body: product,
      token: admin.token,
    });
  };
  const wrong = await create("monday");
  assert.equal(wrong.status, 400);
  assert.deepEqual(wrong.body.errors, [
    { path: "attributes.occasion", message: "must be birthday, wedding or farewell" },
  ]);
  const { status, body } = await create("wedding");
  assert.equal(status, 201);
  const found = await ask<{ items: { id: string }[] }>("GET", "/api/products?attributes.occasion=wedding");
  assert.deepEqual(
    found.body.items.map(({ id }) => id),
    [body.id],
  );
});
