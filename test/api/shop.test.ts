import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { openApi, type Answer } from "./open-api.ts";
import { productEdits } from "./product-edits.ts";
import { waysToSend } from "./ways-to-send.ts";

const flags = new Map<string, boolean>();
const api = await openApi({ flags });
const admin = await api.admin();

const address = { line1: "12 St James's Square", city: "London", postalCode: "SW1Y 4JH", country: "GB" };
const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" };
const payment = { type: "card", card };
const purchase = { email: "ada@example.com", shippingAddress: address, payment };

function requireCode(answer: Answer, status: number, code: string): void {
  assert.equal(`${answer.status} ${answer.json?.code}`, `${status} ${code}`, answer.text);
}

let products = 0;
async function product(fields: object = {}): Promise<{ id: string; code: string; slug: string }> {
  products += 1;
  const price = { amount: "10.00", currencyCode: "USD" };
  const body = {
    name: `Thing ${products}`,
    description: "",
    price,
    category: "things",
    stockQuantity: 10,
    ...fields,
  };
  const answer = await api.send("POST /api/products", { token: admin, body });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

async function cartWith(token: string, productId: string, quantity = 1): Promise<void> {
  const answer = await api.send("POST /api/cart/me/items", { token, body: { productId, quantity } });
  assert.equal(answer.status, 201, answer.text);
}

it("an account: register, show, change, sign out", async () => {
  const body = {
    email: "grace@example.com",
    password: "a compiler of my own",
    firstName: "Grace",
    lastName: "Hopper",
  };
  const { json, status } = await api.send("POST /api/users/register", { body });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(json).sort(), ["expiresAt", "refreshToken", "token", "user"]);
  requireCode(await api.send("POST /api/users/register", { body }), 409, "EMAIL_TAKEN");
  const { token } = json;
  assert.deepEqual((await api.send("GET /api/users/profile", { token })).json, json.user);
  const changed = await api.send("PUT /api/users/profile", { token, body: { firstName: "Amazing" } });
  assert.equal(changed.json.firstName, "Amazing");
  const renewed = await api.send("POST /api/users/refresh", { body: { refreshToken: json.refreshToken } });
  assert.equal(renewed.status, 200);
  assert.equal((await api.send("POST /api/users/logout", { token: renewed.json.token })).status, 204);
  await eventually("the token is refused", async () => {
    return (await api.send("GET /api/users/profile", { token: renewed.json.token })).status === 401;
  });
});

it("products: created, found by id, code and slug, filtered, converted, replaced, stocked, deleted", async () => {
  const attributes = { colour: "teal", sizes: ["s", "m"] };
  const { id, code, slug } = await product({ name: "Teal Lantern", category: "Lanterns", attributes });
  for (const key of [id, code, slug]) assert.equal((await api.send(`GET /api/products/${key}`)).json.id, id);
  const list = async (query: string) => (await api.send(`GET /api/products?${query}`)).json;
  assert.equal((await list("attributes.colour=teal")).items[0].id, id);
  assert.equal((await list("category=lanterns&minPrice=10&maxPrice=10")).total, 1);
  assert.equal((await list("category=lanterns&minPrice=10.01")).total, 0);
  assert.equal((await list("category=lanterns&inStock=true&facets=true")).facets.length > 0, true);
  const search = await api.send("GET /api/products/search?q=teel%20lantern");
  assert.equal(search.json.items[0]?.id, id);
  const converted = await api.send(`GET /api/products/${id}?currency=JPY`);
  assert.match(converted.json.price.amount, /^\d+$/);
  assert.equal(converted.json.variants[0].price.currencyCode, "JPY");
  requireCode(await api.send(`GET /api/products/${id}?currency=ZZZ`), 400, "CURRENCY_UNKNOWN");
  requireCode(await api.send("GET /api/products?currency=ZZZ&category=none"), 400, "CURRENCY_UNKNOWN");

  const body = {
    name: "Lantern",
    description: "New.",
    price: { amount: "12.00", currencyCode: "USD" },
    category: "lanterns",
  };
  const replaced = await api.send(`PUT /api/products/${id}`, { token: admin, body });
  assert.equal(replaced.json.name, "Lantern");
  assert.equal(replaced.json.stockQuantity, 10);
  const stock = `PATCH /api/products/${id}/stock`;
  const set = await api.send(stock, { token: admin, body: { set: 5, reason: "Counted." } });
  assert.equal(set.json.stockQuantity, 5);
  const adjusted = await api.send(stock, { token: admin, body: { adjust: -2, reason: "Broken." } });
  assert.equal(adjusted.json.stockQuantity, 3);
  for (const wrong of [
    { reason: "x" },
    { set: 1, adjust: 1, reason: "x" },
    { set: 1 },
    { set: -1, reason: "x" },
  ])
    requireCode(await api.send(stock, { token: admin, body: wrong }), 400, "VALIDATION_FAILED");
  assert.equal((await api.send(`DELETE /api/products/${id}`, { token: admin })).status, 204);
  requireCode(await api.send(`GET /api/products/${id}`), 404, "PRODUCT_NOT_FOUND");
});

it("every page of a list follows the one before, without gap or repeat", async () => {
  const seen: string[] = [];
  let cursor: string | null = "";
  let total = 0;
  while (cursor !== null) {
    const { json }: Answer = await api.send(`GET /api/products?limit=7&sort=name&cursor=${cursor}`);
    seen.push(...json.items.map(({ id }: { id: string }) => id));
    cursor = json.nextCursor;
    total = json.total;
  }
  assert.equal(seen.length, total);
  assert.equal(new Set(seen).size, total);
});

it("a cart belongs to its owner; the same product adds up; 0 takes it out", async () => {
  const owner = await api.guest();
  const other = await api.guest();
  const { id, slug } = await product();
  await cartWith(owner.token, id, 2);
  await cartWith(owner.token, slug, 1);
  const cart = (await api.send(`GET /api/cart/${owner.userId}`, { token: owner.token })).json;
  assert.deepEqual(
    cart.items.map(({ quantity }: { quantity: number }) => quantity),
    [3],
  );
  assert.equal(cart.subtotal.amount, "30.00");
  for (const request of ["GET /api/cart/", "DELETE /api/cart/"])
    requireCode(await api.send(request + owner.userId, { token: other.token }), 404, "USER_NOT_FOUND");
  const item = `/api/cart/me/items/${id}`;
  assert.equal(
    (await api.send(`PUT ${item}`, { token: owner.token, body: { quantity: 0 } })).json.items.length,
    0,
  );
  requireCode(await api.send(`DELETE ${item}`, { token: owner.token }), 404, "CART_ITEM_NOT_FOUND");
  requireCode(
    await api.send("POST /api/cart/me/items", {
      token: owner.token,
      body: { productId: "no-such-thing", quantity: 1 },
    }),
    404,
    "PRODUCT_NOT_FOUND",
  );
  assert.equal((await api.send("DELETE /api/cart/me", { token: owner.token })).status, 204);
});

it("at login a guest's cart comes along", async () => {
  const { email } = await api.customer();
  const guest = await api.guest();
  const { id } = await product();
  await cartWith(guest.token, id, 2);
  const body = { email, password: "a long walk by the sea" };
  const { json } = await api.send("POST /api/users/login", { token: guest.token, body });
  const cart = (await api.send("GET /api/cart/me", { token: json.token })).json;
  assert.equal(cart.items[0]?.productId, id);
  assert.equal(cart.items[0]?.quantity, 2);
});

it("what does not fit into the account's cart stays with the guest, is told, and comes along once there is room", async () => {
  const { email, token } = await api.customer();
  const guest = await api.guest();
  const { id } = await product({ name: "Stack of bowls", stockQuantity: 500 });
  await cartWith(guest.token, id, 60);
  await cartWith(token, id, 50);
  const body = { email, password: "a long walk by the sea" };
  const signIn = async () => (await api.send("POST /api/users/login", { token: guest.token, body })).json;
  const left = [{ productId: id, variantId: id, name: "Stack of bowls", quantity: 11, limit: "quantity" }];
  for (let time = 0; time < 2; time += 1) {
    const session = await signIn();
    assert.deepEqual(session.cartLeftWithGuest, left);
    const quantityOf = async (who: string) =>
      (await api.send("GET /api/cart/me", { token: who })).json.items[0].quantity;
    assert.deepEqual([await quantityOf(session.token), await quantityOf(guest.token)], [99, 11]);
  }
  await api.send(`PUT /api/cart/me/items/${id}`, { token, body: { quantity: 1 } });
  assert.equal((await signIn()).cartLeftWithGuest, undefined);
  assert.equal((await api.send("GET /api/cart/me", { token: guest.token })).json.items.length, 0);
});

it("a line that was deleted, sold out or became short is shown in the cart, and bars quote and order by its name", async () => {
  const { token } = await api.guest();
  const stays = await product({ name: "Bowl that stays" });
  const goes = await product({ name: "Bowl that goes" });
  const sells = await product({ name: "Bowl that sells" });
  await cartWith(token, stays.id, 1);
  await cartWith(token, goes.id, 2);
  await cartWith(token, sells.id, 3);
  assert.equal((await api.send(`DELETE /api/products/${goes.id}`, { token: admin })).status, 204);
  const stock = `PATCH /api/products/${sells.id}/stock`;
  await api.send(stock, { token: admin, body: { set: 1, reason: "Sold elsewhere." } });
  const cart = (await api.send("GET /api/cart/me?currency=EUR", { token })).json;
  const shown = cart.items.map((item: { name: string; availability: string; availableQuantity: number }) => {
    return [item.name, item.availability, item.availableQuantity];
  });
  assert.deepEqual(shown, [
    ["Bowl that stays", "available", 10],
    ["Bowl that goes", "gone", 0],
    ["Bowl that sells", "short", 1],
  ]);
  assert.equal(Number(cart.items[1].subtotal.amount), 0);
  assert.equal(cart.subtotal.currencyCode, "EUR");

  const lines = [
    { productId: goes.id, variantId: goes.id, name: "Bowl that goes", requested: 2, available: 0 },
    { productId: sells.id, variantId: sells.id, name: "Bowl that sells", requested: 3, available: 1 },
  ];
  const ask = { token, body: { shippingAddress: address } };
  const tries = () =>
    Promise.all([
      api.send("POST /api/checkout/quote", ask),
      api.send("POST /api/orders", { token, body: purchase }),
    ]);
  for (const refused of await tries()) {
    requireCode(refused, 409, "STOCK_INSUFFICIENT");
    assert.deepEqual(refused.json.lines, lines);
    assert.match(refused.json.detail, /“Bowl that goes”.*“Bowl that sells”/);
  }
  await api.send(stock, { token: admin, body: { set: 3, reason: "Found." } });
  for (const refused of await tries()) assert.deepEqual(refused.json.lines, lines.slice(0, 1));
  assert.equal((await api.send("GET /api/orders", { token })).json.total, 0);
  const removed = await api.send(`DELETE /api/cart/me/items/${goes.id}`, { token });
  assert.equal(removed.json.items.length, 2);
  const placed = await api.send("POST /api/orders", { token, body: purchase });
  assert.equal(placed.status, 201, placed.text);
  assert.equal(placed.json.items.length, 2);
});

it("a cart of which nothing is left is refused by its lines, not as an empty one", async () => {
  const { token } = await api.guest();
  const { id } = await product({ name: "Bowl of one" });
  await cartWith(token, id, 1);
  await api.send(`DELETE /api/products/${id}`, { token: admin });
  const refused = await api.send("POST /api/orders", { token, body: purchase });
  requireCode(refused, 409, "STOCK_INSUFFICIENT");
  assert.equal(refused.json.lines[0].name, "Bowl of one");

  const other = await product({ name: "Bowl of two" });
  const items = [{ productId: other.id, quantity: 1 }];
  const ask = { token, body: { shippingAddress: address, items } };
  const { quoteId } = (await api.send("POST /api/checkout/quote", ask)).json;
  await api.send(`DELETE /api/products/${other.id}`, { token: admin });
  const quoted = await api.send("POST /api/orders", { token, body: { ...purchase, items, quoteId } });
  requireCode(quoted, 409, "STOCK_INSUFFICIENT");
  assert.equal(quoted.json.lines[0].name, "Bowl of two");
});

it("an order: quoted, placed, repeated byte for byte, followed, seen by its owner and admins only", async () => {
  const buyer = await api.guest();
  const stranger = await api.guest();
  const { id } = await product();
  await cartWith(buyer.token, id, 3);
  const quote = (
    await api.send("POST /api/checkout/quote", {
      token: buyer.token,
      body: { shippingAddress: address, currencyCode: "EUR" },
    })
  ).json;
  const headers = { "idempotency-key": "first" };
  const body = { ...purchase, currencyCode: "EUR", quoteId: quote.quoteId };
  const placed = await api.send("POST /api/orders", { token: buyer.token, body, headers });
  assert.equal(placed.status, 201, placed.text);
  const order = placed.json;
  assert.deepEqual(order.totalAmount, quote.total);
  assert.equal(order.status, "processing");
  assert.deepEqual(order.payment, { status: "captured", brand: "visa", last4: "4242" });
  const again = await api.send("POST /api/orders", { token: buyer.token, body, headers });
  assert.equal(again.text, placed.text);
  assert.equal((await api.send(`GET /api/products/${id}`)).json.stockQuantity, 7);
  requireCode(
    await api.send("POST /api/orders", {
      token: buyer.token,
      body: { ...body, email: "x@example.com" },
      headers,
    }),
    422,
    "IDEMPOTENCY_KEY_REUSED",
  );
  requireCode(await api.send("POST /api/orders", { token: buyer.token, body: purchase }), 422, "CART_EMPTY");

  for (const path of [`/api/orders/${order.id}`, `/api/orders/${order.orderNumber}`]) {
    assert.equal((await api.send(`GET ${path}`, { token: buyer.token })).json.id, order.id);
    assert.equal((await api.send(`GET ${path}`, { token: admin })).json.id, order.id);
    requireCode(await api.send(`GET ${path}`, { token: stranger.token }), 404, "ORDER_NOT_FOUND");
  }
  const status = `PATCH /api/orders/${order.id}/status`;
  requireCode(await api.send(status, { token: stranger.token, body: "{" }), 404, "ORDER_NOT_FOUND");
  requireCode(
    await api.send(status, { token: buyer.token, body: { status: "lost" } }),
    400,
    "VALIDATION_FAILED",
  );
  requireCode(
    await api.send(status, { token: buyer.token, body: { status: "shipped" } }),
    403,
    "ADMIN_REQUIRED",
  );
  requireCode(
    await api.send(`GET /api/orders/user/${buyer.userId}`, { token: stranger.token }),
    404,
    "USER_NOT_FOUND",
  );
  const list = async (token: string, query = "") =>
    (await api.send(`GET /api/orders?${query}`, { token })).json.items;
  assert.equal((await list(buyer.token)).length, 1);
  assert.equal((await list(stranger.token, `userId=${buyer.userId}`)).length, 0);
  assert.equal((await list(admin, `userId=${buyer.userId}`))[0]?.id, order.id);
  const tracking = await api.send(`GET /api/shipping/track/${order.trackingNumber}`);
  assert.equal(tracking.json.events[0].status, "label_created");
});

it("an order is refunded in part, and its cancel gives back the rest and the stock, once", async () => {
  const { token } = await api.customer();
  const { id } = await product();
  const items = [{ productId: id, quantity: 4 }];
  const order = (await api.send("POST /api/orders", { token, body: { ...purchase, items } })).json;
  assert.equal(order.status, "processing");
  const refunds = `POST /api/orders/${order.id}/refunds`;
  requireCode(await api.send(refunds, { token, body: {} }), 403, "ADMIN_REQUIRED");
  const amount = { amount: "1.50", currencyCode: "USD" };
  const body = { amount, reason: "A scratch.", refundId: "scratch" };
  const refund = await api.send(refunds, { token: admin, body });
  assert.equal(refund.status, 201, refund.text);
  assert.deepEqual(refund.json.amount, amount);
  assert.deepEqual([refund.json.order.refundedAmount, refund.json.status], [amount, "done"]);
  assert.equal((await api.send(refunds, { token: admin, body })).json.id, refund.json.id);
  const tooMuch = { amount: { amount: "100000.00", currencyCode: "USD" } };
  const refused = await api.send(refunds, { token: admin, body: tooMuch });
  requireCode(refused, 409, "REFUND_EXCEEDS_CAPTURED");
  const { netAmount } = (await api.send(`GET /api/orders/${order.id}`, { token })).json;
  assert.deepEqual(refused.json.left, netAmount);
  assert.match(refused.json.detail, new RegExp(`At most ${netAmount.amount} USD`));
  for (const empty of [undefined, {}, { reason: "x" }, { full: false }, { amount, full: true }]) {
    const answer = await api.send(refunds, { token: admin, ...(empty ? { body: empty } : {}) });
    requireCode(answer, 400, "VALIDATION_FAILED");
    assert.deepEqual(
      answer.json.errors.map(({ path }: { path: string }) => path),
      ["amount", "full"],
    );
  }
  const euros = { amount: { amount: "1.00", currencyCode: "EUR" } };
  const other = await api.send(refunds, { token: admin, body: euros });
  assert.deepEqual([other.status, other.json.errors[0].path], [400, "amount.currencyCode"]);
  const list = await api.send(`GET /api/orders/${order.id}/refunds`, { token: admin });
  assert.deepEqual(
    list.json.items.map((one: { amount: object; reason: string }) => [one.amount, one.reason]),
    [[amount, "A scratch."]],
  );
  requireCode(await api.send(`GET /api/orders/${order.id}/refunds`, { token }), 403, "ADMIN_REQUIRED");
  const cancel = `PATCH /api/orders/${order.id}/status`;
  const cancelled = await api.send(cancel, { token, body: { status: "cancelled" } });
  assert.equal(cancelled.json.status, "cancelled");
  assert.equal((await api.send(`GET /api/products/${id}`)).json.stockQuantity, 10);
  requireCode(
    await api.send(cancel, { token: admin, body: { status: "shipped" } }),
    409,
    "STATUS_TRANSITION_INVALID",
  );
  await eventually("the mails are there", async () => {
    const { json } = await api.send(`GET /api/mails?orderId=${order.id}`, { token: admin });
    return json.total >= 2;
  });
  const [mail] = (await api.send(`GET /api/mails?orderId=${order.id}`, { token: admin })).json.items;
  assert.match(
    (await api.send(`GET /api/mails/${mail.id}`, { token: admin })).json.text,
    new RegExp(order.orderNumber),
  );
  requireCode(await api.send("GET /api/mails", { token }), 403, "ADMIN_REQUIRED");
});

it("an order that cannot be is refused, and a refusal is repeated byte for byte", async () => {
  const { token } = await api.guest();
  const { id } = await product();
  const order = async (fields: object, key?: string) =>
    await api.send("POST /api/orders", {
      token,
      body: { ...purchase, items: [{ productId: id, quantity: 1 }], ...fields },
      headers: key === undefined ? {} : { "idempotency-key": key },
    });
  const paidBy = (fields: object) => ({ payment: { type: "card", card: { ...card, ...fields } } });
  requireCode(await order(paidBy({ number: "4242424242424241" })), 422, "CARD_INVALID");
  const month = await order(paidBy({ expiryMonth: 13 }));
  requireCode(month, 422, "CARD_INVALID");
  assert.equal(month.json.errors[0].path, "payment.card.expiryMonth");
  requireCode(await order(paidBy({ number: "4000000000009995" })), 402, "FUNDS_INSUFFICIENT");
  requireCode(await order(paidBy({ number: "4000000000000119" })), 503, "PAYMENT_UNAVAILABLE");
  const declined = await order(paidBy({ number: "4000000000000002" }), "declined");
  requireCode(declined, 402, "CARD_DECLINED");
  assert.equal((await order(paidBy({ number: "4000000000000002" }), "declined")).text, declined.text);
  requireCode(await order({}, "x".repeat(256)), 400, "VALIDATION_FAILED");
  requireCode(await order({ email: undefined }), 400, "VALIDATION_FAILED");
  const short = await order({ items: [{ productId: id, quantity: 11 }] });
  requireCode(short, 409, "STOCK_INSUFFICIENT");
  assert.equal(short.json.lines[0].available, 10);
  assert.equal((await api.send("GET /api/orders", { token })).json.total, 0);
  assert.equal((await api.send(`GET /api/products/${id}`)).json.stockQuantity, 10);
});

it("a price that changed after the quote is 409 with the new quote, in the shape of a quote", async () => {
  const { token } = await api.guest();
  const { id } = await product();
  const items = [{ productId: id, quantity: 1 }];
  const quoteRequest = { body: { shippingAddress: address, items }, token };
  const quote = (await api.send("POST /api/checkout/quote", quoteRequest)).json;
  const price = { amount: "11.00", currencyCode: "USD" };
  const body = { name: "Dearer", description: "", price, category: "things" };
  await api.send(`PUT /api/products/${id}`, { token: admin, body });
  const changed = await api.send("POST /api/orders", {
    token,
    body: { ...purchase, items, quoteId: quote.quoteId },
  });
  requireCode(changed, 409, "QUOTE_CHANGED");
  const fresh = (await api.send("POST /api/checkout/quote", quoteRequest)).json;
  assert.deepEqual(Object.keys(changed.json.quote).sort(), Object.keys(fresh).sort());
  assert.deepEqual(changed.json.quote.total, fresh.total);
  assert.deepEqual(changed.json.quote.items, fresh.items);
});

it("with the cart's version a double click gives one order", async () => {
  const { token } = await api.guest();
  const { id } = await product();
  await cartWith(token, id, 1);
  const { version: cartVersion } = (await api.send("GET /api/cart/me", { token })).json;
  const click = async () => await api.send("POST /api/orders", { token, body: { ...purchase, cartVersion } });
  const answers = await Promise.all([click(), click(), click()]);
  const done = [...answers, await click()].filter(({ status }) => status === 201);
  assert.equal(new Set(done.map(({ json }) => json.id)).size, 1);
  assert.equal((await api.send("GET /api/orders", { token })).json.total, 1);
});

it("flags: no checkout means 503 CHECKOUT_DISABLED, no recommendations an empty list", async () => {
  const { token } = await api.guest();
  const { id } = await product();
  flags.set("ENABLE_CHECKOUT", false).set("ENABLE_RECOMMENDATIONS", false);
  try {
    const items = [{ productId: id, quantity: 1 }];
    requireCode(
      await api.send("POST /api/orders", { token, body: { ...purchase, items } }),
      503,
      "CHECKOUT_DISABLED",
    );
    assert.equal((await api.send(`GET /api/recommendations?productIds=${id}`)).json.total, 0);
  } finally {
    flags.clear();
  }
});

it("suggestions: recommendations without what is looked at, ads never empty, clicks counted", async () => {
  const [first] = (await api.send("GET /api/products?limit=1")).json.items;
  const { items } = (await api.send(`GET /api/recommendations?productIds=${first.id}&currency=EUR`)).json;
  assert.ok(items.length > 0);
  assert.ok(items.every((one: { id: string }) => one.id !== first.id));
  const ads = (await api.send("GET /api/ads?contextKeys=no-such-context")).json.items;
  assert.ok(ads.length > 0);
  const click = await api.send(`POST /api/ads/${ads[0].id}/click`);
  assert.equal(click.json.redirectUrl, ads[0].redirectUrl);
  requireCode(await api.send("POST /api/ads/nothing/click"), 404, "AD_NOT_FOUND");
});

it("currencies and shipping", async () => {
  const codes = (await api.send("GET /api/currencies")).json.items.map(({ code }: { code: string }) => code);
  assert.ok(["USD", "EUR", "JPY"].every((code) => codes.includes(code)));
  const convert = async (query: string) => await api.send(`GET /api/currencies/convert?${query}`);
  assert.equal((await convert("from=USD&to=USD&amount=10")).json.amount, "10.00");
  requireCode(await convert("from=USD&to=ZZZ&amount=10"), 400, "CURRENCY_UNKNOWN");
  for (const amount of ["10.001", "1e3", "", "0x10", "١"])
    requireCode(
      await convert(`from=USD&to=EUR&amount=${encodeURIComponent(amount)}`),
      400,
      "VALIDATION_FAILED",
    );
  const { id } = await product();
  const quote = { shippingAddress: address, items: [{ productId: id, quantity: 1 }], currencyCode: "EUR" };
  const { methods } = (await api.send("POST /api/shipping/quote", { body: quote })).json;
  assert.ok(methods.length > 0 && methods[0].cost.currencyCode === "EUR");
  const wrong = { ...quote, shippingAddress: { ...address, postalCode: "nowhere" } };
  const refused = await api.send("POST /api/shipping/quote", { body: wrong });
  requireCode(refused, 400, "ADDRESS_INVALID");
  assert.equal(refused.json.errors[0].path, "shippingAddress.postalCode");
  const unknown = { ...quote, items: [{ productId: "nothing-here", quantity: 1 }] };
  requireCode(await api.send("POST /api/shipping/quote", { body: unknown }), 404, "PRODUCT_NOT_FOUND");
  requireCode(await api.send("GET /api/shipping/track/nothing"), 404, "TRACKING_NUMBER_NOT_FOUND");
  assert.equal((await api.send("GET /api/health")).json.status, "ok");
});

productEdits({ api, admin, product, cartWith, requireCode, purchase });
waysToSend({ api, admin, product, cartWith, requireCode, purchase });
