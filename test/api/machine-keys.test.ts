// Keys of programs (S0-47, S0-48): each opens the routes of its scope, at the gateway and at every service behind it, and nothing else.
import assert from "node:assert/strict";
import { it } from "node:test";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { OrderService } from "#gen/stoa/order/v1/order_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { MachineKey, machineIdOf } from "#platform/auth/machine-key.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { ConfigError, readConfig } from "#platform/kit/config.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { apiEndpoints, openApiDocument } from "../../services/gateway/api.ts";
import { GatewayConfig } from "../../services/gateway/config.ts";
import { requireDistinctKeys } from "../../services/gateway/machine-keys.ts";
import { openApi, serviceKey, type Answer } from "./open-api.ts";

const productKey = "pk-9Zq4vT0mX2cR7yB1nL5sK8wE3uH6jD";
const nextProductKey = "pk-next-Zq4vT0mX2cR7yB1nL5sK8wE3u";
const orderKey = "ok-4Wd8rS1xN6fG0tY3bM9pC7aJ2lQ5kV";
const lines: string[] = [];
const log = createLogger({ level: "trace", format: "json" }, (line) => lines.push(line));
const environment = {
  PRODUCT_API_KEY: `${nextProductKey}, ${productKey}`,
  ORDER_API_KEY: orderKey,
};
const api = await openApi({ log, environment });
const asKey = (key: string) => ({ headers: { "x-api-key": key } });

function requireCode(answer: Answer, status: number, code: string): void {
  assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
}

function productBody() {
  const price = { amount: "20.00", currencyCode: "USD" };
  return {
    name: `Made by a machine ${randomCode(8)}`,
    description: "",
    price,
    category: "machined",
    stockQuantity: 50,
  };
}

async function paidOrder(productId: string): Promise<string> {
  const { token } = await api.customer();
  const shippingAddress = {
    line1: "12 Main St",
    city: "Boston",
    region: "MA",
    postalCode: "02110",
    country: "US",
  };
  const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2039, cvc: "123" };
  const items = [{ productId, quantity: 3 }];
  const body = { items, shippingAddress, payment: { type: "card", card } };
  const order = await api.send("POST /api/orders", { token, body });
  assert.equal(order.status, 201, order.text);
  return order.json.id;
}

it("a product key does with goods what an admin may, as a bearer token and as X-API-Key; both keys count while one is changed", async () => {
  const made = await api.send("POST /api/products", { token: productKey, body: productBody() });
  assert.equal(made.status, 201, made.text);
  const { id } = made.json;
  const edited = await api.send(`PATCH /api/products/${id}`, {
    ...asKey(nextProductKey),
    body: { name: "Renamed" },
  });
  assert.deepEqual([edited.status, edited.json.name], [200, "Renamed"], edited.text);
  const stock = { adjust: 5, reason: "counted" };
  const counted = await api.send(`PATCH /api/products/${id}/stock`, { ...asKey(productKey), body: stock });
  assert.equal(counted.json.stockQuantity, 55, counted.text);
  const category = await api.send("POST /api/categories", {
    ...asKey(productKey),
    body: { name: "Keys", slug: "keys" },
  });
  assert.equal(category.status, 201, category.text);
  const pixel = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
  const headers = { "x-api-key": productKey, "content-type": "image/gif" };
  assert.equal((await api.send("POST /api/files", { headers, body: pixel })).status, 201);
  assert.equal((await api.send("GET /api/products", asKey(productKey))).status, 200);
  const ledger = api.running.services.find(({ name }) => name === "catalog")?.db;
  const row = await ledger?.row<{ actor: string }>(
    "select actor from stock_ledger where change = 5 order by id desc limit 1",
  );
  assert.equal(row?.actor, machineIdOf("products"));
  assert.equal((await api.send(`DELETE /api/products/${id}`, asKey(productKey))).status, 204);
});

it("an order key lists, reads, moves along, cancels and refunds everybody's orders", async () => {
  const { json } = await api.send("POST /api/products", { token: productKey, body: productBody() });
  const [first, second] = [await paidOrder(json.id), await paidOrder(json.id)];
  const list = await api.send("GET /api/orders", { token: orderKey });
  assert.ok(
    (list.json.items as { id: string }[]).some(({ id }) => id === first),
    list.text,
  );
  const order = await api.send(`GET /api/orders/${first}`, asKey(orderKey));
  assert.equal(order.status, 200, order.text);
  assert.equal((await api.send(`GET /api/orders/user/${order.json.userId}`, asKey(orderKey))).status, 200);
  const amount = { amount: "5.00", currencyCode: "USD" };
  const given = await api.send(`POST /api/orders/${first}/refunds`, { ...asKey(orderKey), body: { amount } });
  assert.equal(given.status, 201, given.text);
  assert.equal((await api.send(`GET /api/orders/${first}/refunds`, asKey(orderKey))).json.items.length, 1);
  for (const [id, status] of [
    [first, "shipped"],
    [second, "cancelled"],
  ]) {
    const moved = await api.send(`PATCH /api/orders/${id}/status`, { ...asKey(orderKey), body: { status } });
    assert.deepEqual([moved.status, moved.json.status], [200, status], moved.text);
  }
});

it("every other route refuses a key with 403, whatever it asks for; how the shop does is told to everybody", async () => {
  for (const [scope, key] of [
    ["products", productKey],
    ["orders", orderKey],
  ] as const) {
    for (const { method, path, machine, tag, upload } of apiEndpoints()) {
      if (machine === scope) continue;
      const url = path.replace(/:userId/, newId()).replaceAll(/:\w+/g, "x");
      const isRead = method === "GET" || method === "DELETE";
      const body = isRead ? {} : { body: upload ? Buffer.from("x") : {} };
      const answer = await api.send(`${method} ${url}`, { ...asKey(key), ...body });
      if (tag === "Operations") assert.equal(answer.status, 200, `${method} ${url}`);
      else requireCode(answer, 403, "KEY_OUT_OF_SCOPE");
    }
  }
  // It is nobody who buys.
  assert.equal((await api.send("GET /api/orders/user/me", asKey(orderKey))).json.total, 0);
});

it("a wrong key is 401, and so are a key and a token together; where nothing is needed, a wrong key counts as none", async () => {
  const wrong = productKey.replace("9", "8");
  for (const options of [
    asKey(wrong),
    { token: wrong },
    asKey(""),
    asKey(`${nextProductKey}, ${productKey}`),
  ])
    requireCode(await api.send("GET /api/orders", options), 401, "TOKEN_INVALID");
  const both = { token: orderKey, headers: { "x-api-key": orderKey } };
  requireCode(await api.send("GET /api/orders", both), 401, "TOKEN_INVALID");
  assert.equal((await api.send("GET /api/products", asKey(wrong))).status, 200);
  const keyless = await openApi({ services: ["gateway", "catalog"] });
  requireCode(
    await keyless.send("POST /api/products", { token: productKey, body: {} }),
    401,
    "TOKEN_INVALID",
  );
});

it("services behind the gateway let a machine call what their door names for its scope, and nobody makes an admin of its token", async () => {
  const sign = (scope: string) => ({ token: new MachineKey(serviceKey).sign(scope, systemClock.now()) });
  const client = {
    catalog: api.running.client(CatalogService, "catalog", "gateway"),
    order: api.running.client(OrderService, "order", "gateway"),
    payment: api.running.client(PaymentService, "payment", "gateway"),
  };
  const refused = { reason: "KEY_OUT_OF_SCOPE" };
  assert.ok((await client.order.listOrders({}, sign("orders"))).orders.length > 0);
  await assert.rejects(client.order.listOrders({}, sign("products")), refused);
  await assert.rejects(client.catalog.createProduct({}, sign("orders")), refused);
  await assert.rejects(client.catalog.reserveStock({}, sign("products")), refused);
  await assert.rejects(client.order.markPaid({}, sign("orders")), refused);
  await assert.rejects(client.payment.listPayments({}, sign("orders")), refused);
  await assert.rejects(client.payment.listPayments({}, sign("constructor")), refused);
  const other = new MachineKey(`${serviceKey}x`).sign("orders", systemClock.now());
  await assert.rejects(client.order.listOrders({}, { token: other }), { reason: "TOKEN_INVALID" });
});

it("requests are counted by key", async () => {
  const limits = { ...environment, GATEWAY_ACTOR_REQUESTS_PER_MINUTE: "2" };
  const counted = await openApi({
    services: ["gateway", "catalog", "order", "user"],
    rateLimits: true,
    environment: limits,
  });
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1)
    statuses.push((await counted.send("GET /api/orders", asKey(orderKey))).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.equal((await counted.send("GET /api/products", asKey(productKey))).status, 200);
});

it("what cannot be a key is refused at the start: short ones, three of them, one for two things", () => {
  const faultsOf = (said: Record<string, string>): readonly string[] => {
    try {
      requireDistinctKeys(readConfig(GatewayConfig, said));
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.faults;
    }
  };
  assert.deepEqual(faultsOf({ PRODUCT_API_KEY: productKey, ORDER_API_KEY: orderKey }), []);
  assert.match(
    faultsOf({ PRODUCT_API_KEY: "short" }).join(),
    /^PRODUCT_API_KEY must be at least 32 printable/,
  );
  assert.match(faultsOf({ ORDER_API_KEY: `${orderKey},` }).join(), /^ORDER_API_KEY must be at least 32/);
  assert.match(faultsOf({ ORDER_API_KEY: "changeme123" }).join(), /is an example value/);
  const three = [orderKey, productKey, nextProductKey].join(",");
  assert.match(faultsOf({ ORDER_API_KEY: three }).join(), /^ORDER_API_KEY must be one key, or 2/);
  assert.match(faultsOf({ PRODUCT_API_KEY: orderKey, ORDER_API_KEY: orderKey }).join(), /hold the same key/);
});

it("the document names both keys, and no log has one", () => {
  const { components, paths } = openApiDocument();
  assert.deepEqual(Object.keys(components.securitySchemes), ["token", "productKey", "orderKey"]);
  assert.deepEqual(paths["/api/products"]?.["post"]?.security, [{ token: [] }, { productKey: [] }]);
  assert.deepEqual(paths["/api/orders"]?.["get"]?.security, [{ token: [] }, { orderKey: [] }]);
  assert.deepEqual(paths["/api/orders"]?.["post"]?.security, [{ token: [] }]);
  assert.ok(lines.length > 0);
  for (const key of [productKey, nextProductKey, orderKey])
    assert.ok(!lines.some((line) => line.includes(key)), "a key is in the log");
});
