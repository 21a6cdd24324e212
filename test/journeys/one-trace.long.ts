// What is left of a request in traces, log lines and metrics: everything that was done, and nothing about whoever asked.
import assert from "node:assert/strict";
import { it } from "node:test";
import { createLogger } from "#platform/telemetry/log.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { findRecentTrace, recentTraces, type RecentSpan } from "#platform/telemetry/recent-traces.ts";
import { randomHex } from "#platform/telemetry/trace.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openApi, type Answer } from "../api/open-api.ts";

interface Line {
  readonly [name: string]: unknown;
}

const written: string[] = [];
const log = createLogger({ level: "debug", format: "json" }, (line) => void written.push(line));
const api = await openApi({ log });

const lines = (): Line[] => written.map((line) => JSON.parse(line) as Line);
const eventsOf = (traceId: string) =>
  lines()
    .filter((line) => line["kind"] === "event" && line["traceId"] === traceId)
    .map(({ event }) => event);

/** Whatever a person types, in a form that is found again wherever it stands. */
const canaries = {
  email: "canary.person@example.com",
  firstName: "Canaryfirst",
  lastName: "Canarylast",
  password: "canary of the colonnade",
  line1: "17 Canary Street",
  city: "Canaryville",
  reason: "canary changed her mind",
  baggage: "canary-in-a-bag",
};
const shippingAddress = {
  line1: canaries.line1,
  city: canaries.city,
  region: "MA",
  postalCode: "02110",
  country: "US",
};
const good = "4242424242424242";
const declined = "4000000000000002";

interface Traced {
  readonly traceId: string;
  readonly answer: Answer;
}

/** A request of a client that has a trace of its own. */
async function traced(
  request: string,
  options: Parameters<typeof api.send>[1] = {},
  traceId = randomHex(16),
): Promise<Traced> {
  const headers = {
    traceparent: `00-${traceId}-${randomHex(8)}-01`,
    baggage: `tenant=${canaries.baggage}`,
    "user-agent": "canary-browser/1.0",
    ...options.headers,
  };
  return { traceId, answer: await api.send(request, { ...options, headers }) };
}

const { json: registered } = await api.send("POST /api/users/register", {
  body: {
    email: canaries.email,
    password: canaries.password,
    firstName: canaries.firstName,
    lastName: canaries.lastName,
  },
});
const token: string = registered.token;
const admin = await api.admin();
const product = await api.send("POST /api/products", {
  token: admin,
  body: {
    name: "Traced",
    description: "",
    price: { amount: "20.00", currencyCode: "USD" },
    category: "traced",
    stockQuantity: 50,
  },
});

async function placeOrder(number: string): Promise<Traced> {
  const card = { number, expiryMonth: 12, expiryYear: 2039, cvc: "987" };
  const items = [{ productId: product.json.id, quantity: 1 }];
  const added = await api.send("POST /api/cart/me/items", { token, body: items[0] });
  assert.ok(added.status < 300, added.text);
  return await traced("POST /api/orders", {
    token,
    body: { shippingAddress, payment: { type: "card", card } },
  });
}

const spansOf = (traceId: string): readonly RecentSpan[] => findRecentTrace(traceId)?.spans ?? [];

it("one trace of an order shows every step with its service, from the client's to the mail, and is found in the log", async () => {
  const { traceId, answer } = await placeOrder(good);
  assert.equal(answer.status, 201, answer.text);
  await eventually(
    "both listeners have heard it",
    () => spansOf(traceId).filter(({ name }) => name === "event order.placed").length === 2,
  );
  const spans = spansOf(traceId);
  const has = (service: string, name: string) =>
    assert.ok(
      spans.some((span) => span.service === service && span.name === name),
      `${service} ${name} is not among ${spans.map((span) => `${span.service} ${span.name}`).join("\n")}`,
    );
  has("gateway", "POST /api/orders");
  has("checkout", "stoa.checkout.v1.CheckoutService/PlaceOrder");
  has("cart", "stoa.cart.v1.CartService/ConsumeCart");
  has("catalog", "stoa.catalog.v1.CatalogService/ReserveStock");
  has("catalog", "stoa.catalog.v1.CatalogService/CommitReservation");
  has("shipping", "stoa.shipping.v1.ShippingService/CreateShipment");
  has("payment", "stoa.payment.v1.PaymentService/Authorize");
  has("payment", "stoa.payment.v1.PaymentService/Capture");
  has("order", "stoa.order.v1.OrderService/CreateOrder");
  has("order", "stoa.order.v1.OrderService/ConfirmOrder");
  has("email", "event order.placed");
  has("recommendation", "event order.placed");
  assert.equal(spans.filter(({ name }) => name.startsWith("mail ")).length, 1);
  const sql = spans.filter(({ attributes }) => attributes["db.system.name"] === "postgresql");
  for (const service of ["checkout", "catalog", "payment", "order", "shipping", "cart", "email"])
    assert.ok(
      sql.some((span) => span.service === service),
      `SQL of ${service}`,
    );
  // All of them hang together: each has its parent among the others, and the first one's is the client's.
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  assert.deepEqual(
    roots.map(({ name }) => name),
    ["POST /api/orders"],
  );
  // Each listener's work is a child of the span that emitted the event.
  const confirming = spans.find(({ name }) => name.endsWith("/ConfirmOrder"));
  for (const { parentSpanId } of spans.filter(({ name }) => name === "event order.placed"))
    assert.equal(parentSpanId, confirming?.spanId);
  assert.deepEqual(eventsOf(traceId), ["order.paid", "order.placed"]);
  const ofRequest = lines().filter((line) => line["traceId"] === traceId);
  const requestId = answer.headers["x-request-id"];
  for (const line of ofRequest) assert.equal(line["requestId"], requestId, JSON.stringify(line));
  assert.equal(ofRequest.filter(({ kind }) => kind === "access").length, 1);
  assert.ok(ofRequest.some(({ event, orderId }) => event === "order.placed" && orderId === answer.json.id));
});

it("there is one line for each thing that becomes of an order or an account, with its reason, and none is an error", async () => {
  const from = written.length;
  const refused = await placeOrder(declined);
  assert.equal(refused.answer.status, 402, refused.answer.text);
  assert.deepEqual(eventsOf(refused.traceId), ["order.refused"]);
  const [line] = lines().filter(({ event, traceId }) => event && traceId === refused.traceId);
  assert.equal(line?.["reason"], "CARD_DECLINED");
  assert.equal(findRecentTrace(refused.traceId)?.status, "ok");

  const first = (await placeOrder(good)).answer.json.id as string;
  const second = (await placeOrder(good)).answer.json.id as string;
  const status = (id: string) => `PATCH /api/orders/${id}/status`;
  const shipped = await traced(status(first), { token: admin, body: { status: "shipped" } });
  assert.equal(shipped.answer.status, 200, shipped.answer.text);
  assert.deepEqual(eventsOf(shipped.traceId), ["order.shipped"]);
  const cancelled = await traced(status(second), {
    token,
    body: { status: "cancelled", reason: canaries.reason },
  });
  assert.equal(cancelled.answer.status, 200, cancelled.answer.text);
  assert.deepEqual(eventsOf(cancelled.traceId), ["order.cancelled"]);
  const refunded = await traced(`POST /api/orders/${first}/refunds`, {
    token: admin,
    body: { amount: { amount: "1.00", currencyCode: "USD" } },
  });
  assert.ok(refunded.answer.status < 300, refunded.answer.text);
  assert.deepEqual(eventsOf(refunded.traceId), ["order.refunded"]);

  const { email, password } = canaries;
  const login = async (said: string) =>
    await traced("POST /api/users/login", { body: { email, password: said } });
  assert.deepEqual(eventsOf((await login(password)).traceId), ["user.login"]);
  assert.deepEqual(eventsOf((await login("canary guess")).traceId), ["user.login_refused"]);
  const loud = lines()
    .slice(from)
    .filter(({ level }) => level !== "info" && level !== "debug");
  assert.deepEqual(loud, []);
});

it("each request is one line at info, but for what probes and scrapes ask", async () => {
  const from = written.length;
  const { answer } = await traced("GET /api/products");
  assert.equal(answer.status, 200);
  await traced("GET /api/nowhere");
  const access = lines()
    .slice(from)
    .filter(({ kind, level }) => kind === "access" && level === "info");
  assert.deepEqual(
    access.map(({ method, route, status, service }) => [method, route, status, service]),
    [
      ["GET", "/api/products", 200, "gateway"],
      ["GET", access[1]?.["route"], 404, "gateway"],
    ],
  );
});

it("nothing that a person typed, no card, address or token is in any line, trace or metric", async () => {
  const named = { firstName: `${canaries.firstName} the second` };
  for (const { answer } of [
    await traced("PUT /api/users/profile", { token, body: named }),
    await traced("GET /api/products/search?q=canary%20seeds", { token }),
    await traced("GET /api/orders/user/me", { token }),
  ])
    assert.equal(answer.status, 200, answer.text);
  const card = { number: good, expiryMonth: 12, expiryYear: 2039, cvc: "987" };
  await traced("POST /api/orders", {
    token,
    body: { shippingAddress: { ...shippingAddress, country: "Canaryland" }, payment: { type: "card", card } },
  });
  const kept = {
    lines: written.join(""),
    traces: JSON.stringify(recentTraces()),
    metrics: await registry.metrics(),
  };
  for (const [where, text] of Object.entries(kept)) {
    assert.ok(text.length > 1_000, where);
    assert.doesNotMatch(text, /canary(?!-browser)/i, where);
    assert.ok(!text.includes("canary-browser"), where);
    for (const secret of [good, declined, '"987"', "02110", token, admin, registered.refreshToken])
      assert.ok(!text.includes(secret), `${secret} in ${where}`);
  }
});
