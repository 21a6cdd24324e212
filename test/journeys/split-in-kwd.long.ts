// The split shop in a currency of three decimals: all processes agree on it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { audit, booksOf } from "../../audit/audit.ts";
import { callRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { openSplitShop } from "../lab/split-shop.ts";
import { checkoutFields, Shopper } from "./shopper.ts";

const admin = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "the keys of the colonnade" };

test("the split shop sells, pays back and audits in dinars as one process does", async (t) => {
  const shop = await openSplitShop({ environment: { SHOP_CURRENCY: "KWD", ...admin } });
  t.after(shop.close);
  const shopper = new Shopper(shop.origin);
  const product = await shopper.get("/product/6E92ZMYYFZ");
  assert.ok(product.text.includes("KWD\u00a08.990"));
  const cart = await shopper.follow(await shopper.submit(product, "/cart", { quantity: "2" }));
  assert.ok(cart.text.includes("KWD\u00a017.980"));
  const done = await shopper.order(cart, checkoutFields);
  assert.match(done.text, /<dt>Total paid<\/dt>\s*<dd>\s*KWD\u00a026\.970/);
  const orderId = /<dt>Order id<\/dt>\s*<dd><code>([^<]+)/.exec(done.text)?.[1] ?? assert.fail(done.text);
  const login = { email: admin.ADMIN_EMAIL, password: admin.ADMIN_PASSWORD };
  const { body } = await callRest(shop.origin, "POST", "/api/users/login", { body: login });
  const amount = { amount: "0.155", currencyCode: "KWD" };
  const refund = await callRest(shop.origin, "POST", `/api/orders/${orderId}/refunds`, {
    token: String(body["token"]),
    body: { amount, reason: "A scratch." },
  });
  assert.deepEqual([refund.status, refund.body["amount"]], [201, amount], JSON.stringify(refund.body));
  assert.equal((await shopper.post("/setCurrency", { currency_code: "EUR" })).status, 422);
  const databases = await shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  assert.deepEqual(
    findings.flatMap(({ violations }) => violations),
    [],
  );
});
