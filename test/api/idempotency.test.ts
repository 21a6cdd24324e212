import assert from "node:assert/strict";
import { it } from "node:test";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { openApiDocument } from "../../services/gateway/api.ts";
import { openApi, type Answer } from "./open-api.ts";

const lines: string[] = [];
const log = createLogger({ level: "info", format: "json" }, (line) => lines.push(line));
const api = await openApi({ log });
const admin = await api.admin();

const withKey = (key: string) => ({ "idempotency-key": key });

function productBody(name = `Keyed ${randomCode(8)}`) {
  const price = { amount: "20.00", currencyCode: "USD" };
  return { name, description: "", price, category: "keyed", stockQuantity: 50 };
}

async function productId(): Promise<string> {
  return (await api.send("POST /api/products", { token: admin, body: productBody() })).json.id;
}

async function paidOrder(): Promise<string> {
  const { token } = await api.customer();
  const shippingAddress = {
    line1: "12 Main St",
    city: "Boston",
    region: "MA",
    postalCode: "02110",
    country: "US",
  };
  const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2039, cvc: "123" };
  const items = [{ productId: await productId(), quantity: 3 }];
  const body = { items, shippingAddress, payment: { type: "card", card } };
  const order = await api.send("POST /api/orders", { token, body });
  assert.equal(order.status, 201, order.text);
  return order.json.id;
}

async function refundedOf(orderId: string): Promise<string> {
  const { running } = api;
  const db = running.services.find(({ name }) => name === "order")?.db;
  const row = await db?.row<{ sum: string }>(
    "select coalesce(sum(amount_minor), 0)::text as sum from order_refunds where order_id = $1 and status <> 'refused'",
    [orderId],
  );
  return row?.sum ?? "";
}

function requireSame(again: Answer, first: Answer): void {
  assert.equal(again.status, first.status, again.text);
  assert.equal(again.text, first.text);
}

function requireCode(answer: Answer, status: number, code: string): void {
  assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
}

it("a refund that is sent again with its key is paid once and answered with the same bytes, also after a later refund", async () => {
  const orderId = await paidOrder();
  const refunds = `POST /api/orders/${orderId}/refunds`;
  const body = { amount: { amount: "5.00", currencyCode: "USD" }, reason: "A scratch." };
  const headers = withKey("scratch-1");
  const first = await api.send(refunds, { token: admin, body, headers });
  assert.equal(first.status, 201, first.text);
  requireSame(await api.send(refunds, { token: admin, body, headers }), first);
  assert.equal(await refundedOf(orderId), "500");
  const later = await api.send(refunds, { token: admin, body, headers: withKey("scratch-2") });
  assert.equal(later.status, 201, later.text);
  assert.notEqual(later.json.id, first.json.id);
  requireSame(await api.send(refunds, { token: admin, body, headers }), first);
  assert.equal(await refundedOf(orderId), "1000");
});

it("a key stands for one request: another amount, reason or order is 422", async () => {
  const [orderId, otherId] = [await paidOrder(), await paidOrder()];
  const refunds = `POST /api/orders/${orderId}/refunds`;
  const amount = { amount: "5.00", currencyCode: "USD" };
  const headers = withKey("one-request");
  await api.send(refunds, { token: admin, body: { amount }, headers });
  const others: [string, object][] = [
    [refunds, { amount: { amount: "6.00", currencyCode: "USD" } }],
    [refunds, { full: true }],
    [refunds, { amount, reason: "Another reason." }],
    [`POST /api/orders/${otherId}/refunds`, { amount }],
  ];
  for (const [request, body] of others)
    requireCode(await api.send(request, { token: admin, body, headers }), 422, "IDEMPOTENCY_KEY_REUSED");
  assert.deepEqual([await refundedOf(orderId), await refundedOf(otherId)], ["500", "0"]);
});

it("twenty refunds at once with one key pay once; each answer is that one or says that it is under way", async () => {
  const orderId = await paidOrder();
  const body = { amount: { amount: "5.00", currencyCode: "USD" } };
  const send = async () =>
    await api.send(`POST /api/orders/${orderId}/refunds`, {
      token: admin,
      body,
      headers: withKey("at-once"),
    });
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  const done = answers.filter(({ status }) => status === 201);
  assert.ok(done.length > 0);
  assert.equal(new Set(done.map(({ text }) => text)).size, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    requireCode(answer, 409, "REQUEST_IN_PROGRESS");
    assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
  }
  assert.equal(await refundedOf(orderId), "500");
});

it("a refund that was refused is refused with the same bytes; one whose fields were wrong has not used up its key", async () => {
  const orderId = await paidOrder();
  const refunds = `POST /api/orders/${orderId}/refunds`;
  const headers = withKey("refused");
  const wrong = await api.send(refunds, { token: admin, body: { amount: "5.00" }, headers });
  assert.equal(wrong.status, 400);
  const body = { amount: { amount: "90000.00", currencyCode: "USD" } };
  const first = await api.send(refunds, { token: admin, body, headers });
  requireCode(first, 409, "REFUND_EXCEEDS_CAPTURED");
  requireSame(await api.send(refunds, { token: admin, body, headers }), first);
});

it("a product that is created again with its key is one product with one answer, also after it was changed", async () => {
  const body = productBody();
  const headers = withKey("new-product");
  const first = await api.send("POST /api/products", { token: admin, body, headers });
  assert.equal(first.status, 201, first.text);
  const changed = { ...productBody(), name: "Changed since" };
  await api.send(`PUT /api/products/${first.json.id}`, { token: admin, body: changed });
  requireSame(await api.send("POST /api/products", { token: admin, body, headers }), first);
  const other = { ...body, name: `${body.name}!` };
  requireCode(
    await api.send("POST /api/products", { token: admin, body: other, headers }),
    422,
    "IDEMPOTENCY_KEY_REUSED",
  );
  const twins = await Promise.all(
    Array.from({ length: 10 }, () =>
      api.send("POST /api/products", {
        token: admin,
        body: productBody("Twin of ten"),
        headers: withKey("ten"),
      }),
    ),
  );
  for (const answer of twins) assert.ok([201, 409].includes(answer.status), answer.text);
  assert.equal((await api.send("GET /api/products?q=twin%20of%20ten")).json.total, 1);
});

it("a refused product keeps its refusal, and its key, under its bytes", async () => {
  const code = randomCode(10);
  await api.send("POST /api/products", { token: admin, body: { ...productBody(), code } });
  const body = { ...productBody(), code };
  const headers = withKey("taken-code");
  const first = await api.send("POST /api/products", { token: admin, body, headers });
  requireCode(first, 409, "PRODUCT_CODE_TAKEN");
  requireSame(await api.send("POST /api/products", { token: admin, body, headers }), first);
});

it("an item that is put into a cart again with its key is there once", async () => {
  const { token } = await api.guest();
  const body = { productId: await productId(), quantity: 2 };
  const headers = withKey("two-mugs");
  const first = await api.send("POST /api/cart/me/items", { token, body, headers });
  assert.equal(first.status, 201, first.text);
  requireSame(await api.send("POST /api/cart/me/items", { token, body, headers }), first);
  assert.equal((await api.send("GET /api/cart/me", { token })).json.items[0].quantity, 2);
  const more = { ...body, quantity: 3 };
  requireCode(
    await api.send("POST /api/cart/me/items", { token, body: more, headers }),
    422,
    "IDEMPOTENCY_KEY_REUSED",
  );
});

it("keys are each actor's own", async () => {
  const body = { productId: await productId(), quantity: 1 };
  const headers = withKey("mine");
  for (const { token } of [await api.guest(), await api.guest()]) {
    const { json } = await api.send("POST /api/cart/me/items", { token, body, headers });
    assert.equal(json.items[0].quantity, 1);
  }
});

it("what answers credentials never looks at a key", async () => {
  const headers = withKey("credentials");
  const guests = [
    await api.send("POST /api/users/guest", { headers }),
    await api.send("POST /api/users/guest", { headers }),
  ];
  assert.equal(new Set(guests.map(({ json }) => json.userId)).size, 2);
  const account = {
    email: `${newId()}@example.com`,
    password: "a long walk by the sea",
    firstName: "A",
    lastName: "B",
  };
  assert.equal((await api.send("POST /api/users/register", { body: account, headers })).status, 201);
  requireCode(await api.send("POST /api/users/register", { body: account, headers }), 409, "EMAIL_TAKEN");
  const { email, password } = account;
  const logins = await Promise.all(
    [1, 2].map(() => api.send("POST /api/users/login", { body: { email, password }, headers })),
  );
  assert.equal(new Set(logins.map(({ json }) => json.token)).size, 2);
  for (const { json } of logins) {
    const body = { refreshToken: json.refreshToken };
    const again = await api.send("POST /api/users/refresh", {
      body,
      headers: { "idempotency-key": "\u00e9".repeat(300) },
    });
    assert.equal(again.status, 200, again.text);
  }
});

it("a key that is not 1 to 255 printable characters is refused before anything is done", async () => {
  for (const key of ["", "x".repeat(256), "a\u00e9"]) {
    const answer = await api.send("POST /api/products", {
      token: admin,
      body: productBody(),
      headers: withKey(key),
    });
    requireCode(answer, 400, "VALIDATION_FAILED");
  }
});

it("the document shows the header on exactly those operations where it counts", () => {
  const shown = Object.values(openApiDocument().paths).flatMap((operations) =>
    Object.values(operations)
      .filter(({ parameters }) => parameters.some(({ name }) => name === "Idempotency-Key"))
      .map(({ operationId }) => operationId),
  );
  assert.deepEqual(shown.toSorted(), [
    "addCartItem",
    "createCategory",
    "createProduct",
    "placeOrder",
    "refundOrder",
    "storeFile",
  ]);
});

const guestPurchase = {
  email: "ada@example.com",
  shippingAddress: { line1: "12 Main St", city: "Boston", region: "MA", postalCode: "02110", country: "US" },
  payment: {
    type: "card",
    card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2039, cvc: "123" },
  },
};

it("what somebody began as a guest is the account's after signing in with the guest's token: orders, keys and quotes", async () => {
  const guest = await api.guest();
  const items = [{ productId: await productId(), quantity: 1 }];
  const body = { ...guestPurchase, items };
  const headers = withKey("begun as a guest");
  const placed = await api.send("POST /api/orders", { token: guest.token, body, headers });
  assert.equal(placed.status, 201, placed.text);
  const ask = { items, shippingAddress: body.shippingAddress };
  const quote = (await api.send("POST /api/checkout/quote", { token: guest.token, body: ask })).json;

  // The same address, another session: nobody's orders are claimed by what somebody calls themselves.
  const stranger = await api.customer("ada@example.com");
  const other = await api.guest();
  const logIn = { email: stranger.email, password: "a long walk by the sea" };
  await api.send("POST /api/users/login", { token: other.token, body: logIn });
  const seenBy = async (token: string) => (await api.send("GET /api/orders", { token })).json.total;
  assert.deepEqual([await seenBy(stranger.token), await seenBy(guest.token)], [0, 1]);

  const fields = { password: "a long walk by the sea", firstName: "Grace", lastName: "Hopper" };
  const registered = await api.send("POST /api/users/register", {
    token: guest.token,
    body: { email: "grace-was-a-guest@example.com", ...fields },
  });
  const { token, user } = registered.json;
  const { json: order } = await api.send(`GET /api/orders/${placed.json.id}`, { token });
  assert.deepEqual([order.userId, await seenBy(token), await seenBy(guest.token)], [user.id, 1, 0]);
  assert.equal((await api.send(`GET /api/orders/${order.id}`, { token: stranger.token })).status, 404);

  // Checkout hears of it an instant later.
  const checkout = api.running.services.find(({ name }) => name === "checkout")?.db ?? assert.fail();
  await eventually("checkout has heard", async () => {
    const known = await checkout.rows("select 1 from joined_guests where user_id = $1", [user.id]);
    return known.length === 1;
  });
  const again = await api.send("POST /api/orders", { token, body, headers });
  assert.equal(again.text, placed.text);
  const otherBody = { ...body, email: "x@example.com" };
  const reused = await api.send("POST /api/orders", { token, body: otherBody, headers });
  assert.equal(reused.json.code, "IDEMPOTENCY_KEY_REUSED");
  const quoted = await api.send("POST /api/orders", { token, body: { ...body, quoteId: quote.quoteId } });
  assert.equal(quoted.status, 201, quoted.text);
  assert.equal(quoted.json.userId, user.id);
  assert.equal(await seenBy(token), 2);
});

it("a guest's token is renewed with itself: the same guest, for another seven days", async () => {
  const guest = await api.guest();
  const renewed = await api.send("POST /api/users/guest", { token: guest.token });
  assert.equal(renewed.status, 201);
  assert.equal(renewed.json.userId, guest.userId);
  assert.ok(Date.parse(renewed.json.expiresAt) - Date.now() > 6.9 * 24 * 3_600_000);
  const { json } = await api.send("GET /api/cart/me", { token: renewed.json.token });
  assert.equal(json.userId, guest.userId);
  const { token } = await api.customer();
  assert.notEqual((await api.send("POST /api/users/guest", { token })).json.userId, guest.userId);
  await api.send("POST /api/users/logout", { token: guest.token });
  // Some parts of the shop still believe the token, others know that it has ended: no sign-up is refused for that.
  const body = {
    email: `${guest.userId}@example.com`,
    password: "seven-quiet-herons",
    firstName: "A",
    lastName: "B",
  };
  assert.equal((await api.send("POST /api/users/register", { token: guest.token, body })).status, 201);
  await eventually("an ended token renews nothing", async () => {
    return (await api.send("POST /api/users/guest", { token: guest.token })).json.userId !== guest.userId;
  });
});

it("an order's key with another card is refused, also when its end and expiry agree; no trace of the number is kept", async () => {
  const { token, userId } = await api.customer();
  const shippingAddress = {
    line1: "12 Main St",
    city: "Boston",
    region: "MA",
    postalCode: "02110",
    country: "US",
  };
  const items = [{ productId: await productId(), quantity: 1 }];
  const headers = withKey("one-card");
  const order = async (number: string, cvc = "123") => {
    const card = { number, expiryMonth: 12, expiryYear: 2039, cvc };
    return await api.send("POST /api/orders", {
      token,
      body: { items, shippingAddress, payment: { type: "card", card } },
      headers,
    });
  };
  const placed = await order("4242424242424242");
  assert.equal(placed.status, 201, placed.text);
  requireCode(await order("4000000002594242"), 422, "IDEMPOTENCY_KEY_REUSED");
  for (const again of [await order("4242424242424242"), await order("4242 4242-4242 4242", "999")])
    requireSame(again, placed);
  const db = api.running.services.find(({ name }) => name === "checkout")?.db;
  const find = async () =>
    await db?.row<{ row: string }>("select k::text as row from idempotency_keys k where user_id = $1", [
      userId,
    ]);
  const kept = (await find())?.row ?? "";
  assert.match(kept, /[\w-]{8}\.[\w-]{43}/);
  assert.doesNotMatch(kept, /42424242|,123[,)]|,999[,)]/);

  // A row of the release before says nothing of the card: what it said then, it says now.
  await db?.run("update idempotency_keys set card_fingerprint = null where user_id = $1", [userId]);
  requireSame(await order("4000000002594242"), placed);
});

it("an order that the provider does not take is refused once in the log, and is no error of ours, however often it is sent", async () => {
  const { token } = await api.customer();
  const card = { number: "4000000000000119", expiryMonth: 12, expiryYear: 2039, cvc: "123" };
  const shippingAddress = {
    line1: "12 Main St",
    city: "Boston",
    region: "MA",
    postalCode: "02110",
    country: "US",
  };
  const items = [{ productId: await productId(), quantity: 1 }];
  const body = { items, shippingAddress, payment: { type: "card", card } };
  lines.length = 0;
  const headers = withKey("refused-once");
  const first = await api.send("POST /api/orders", { token, body, headers });
  requireCode(first, 503, "PAYMENT_UNAVAILABLE");
  requireSame(await api.send("POST /api/orders", { token, body, headers }), first);
  const said = lines.map((line) => JSON.parse(line) as { level: string; msg: string });
  const worse = said.filter(({ level }) => level === "warn" || level === "error");
  assert.deepEqual(worse, []);
  assert.equal(said.filter(({ msg }) => msg === "An order was refused.").length, 1);
});
