import assert from "node:assert/strict";
import { it } from "node:test";
import { openTestShop } from "stoa/testing/shop";
import { shop } from "../../shop.ts";

interface Quote {
  readonly subtotal: { readonly amount: string };
  readonly discount: { readonly amount: string };
}

it("five pieces cost a tenth less, four do not", async () => {
  const { origin } = await openTestShop(shop);
  const post = async <T>(path: string, body: object, token?: string): Promise<T> => {
    const headers = {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const answer = await fetch(`${origin}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return (await answer.json()) as T;
  };
  const { token } = await post<{ token: string }>("/api/users/guest", {});
  const list = await fetch(`${origin}/api/products?limit=1`);
  const { items: products } = (await list.json()) as { items: { id: string }[] };
  const shippingAddress = {
    line1: "1 Analytical Way",
    city: "New York",
    region: "NY",
    postalCode: "10001",
    country: "US",
  };
  const quote = async (quantity: number) =>
    await post<Quote>(
      "/api/checkout/quote",
      { shippingAddress, items: [{ productId: products[0]?.id, quantity }] },
      token,
    );
  assert.equal(Number((await quote(4)).discount.amount), 0);
  const { subtotal, discount } = await quote(5);
  assert.ok(Math.abs(Number(discount.amount) - Number(subtotal.amount) / 10) <= 0.01);
});
