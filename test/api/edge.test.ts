import assert from "node:assert/strict";
import { connect } from "node:net";
import { eventually } from "#platform/testing/test-clock.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { listen } from "#platform/http/server.ts";
import { it } from "node:test";
import { bodyHash, signCall } from "#platform/auth/service-proof.ts";
import { provenRequest } from "#platform/http/sender.ts";
import { guestIdOfSession } from "#platform/auth/guest.ts";
import { apiEndpoints, openApiDocument } from "../../services/gateway/api.ts";
import { openApi, serviceKey, type Answer } from "./open-api.ts";

const flags = new Map<string, boolean>();
const said: string[] = [];
const log = createLogger({ level: "debug", format: "json" }, (line) => said.push(line));
const api = await openApi({ services: ["catalog", "currency", "user", "shipping", "gateway"], flags, log });
const limited = await openApi({
  services: ["currency", "user", "gateway"],
  rateLimits: true,
  environment: {
    GATEWAY_CORS_ORIGINS: "https://app.example",
    GATEWAY_ADDRESS_REQUESTS_PER_MINUTE: "200",
    GATEWAY_TRUSTED_PROXIES: "10.0.0.0/8",
  },
});
const endpoints = apiEndpoints();
const someone = "01890000-0000-7000-8000-000000000000";
const concrete = (path: string) => path.replace(":userId", "me").replaceAll(/:\w+/g, someone);

/** What comes back over a connection of its own, until it is closed. */
async function raw(text: string): Promise<string> {
  listening ??= api.app.listen({ port: 0, host: "127.0.0.1" });
  await listening;
  const { port } = api.app.server.address() as { port: number };
  return await new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
let listening: Promise<string> | undefined;

function requireProblem(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.code, code);
  assert.equal(answer.json.status, status);
  assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
  assert.equal(answer.json.requestId, answer.headers["x-request-id"]);
}

it("the routes of the gateway are the operations of the OpenAPI document, both ways", () => {
  const routed = api.routes
    .filter(({ method }) => method !== "HEAD")
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
  const described = Object.entries(openApiDocument().paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(
    described.filter((operation) => !routed.includes(operation)),
    [],
  );
  // Routes that only refuse a wrong method are known by their answer, which the next test looks at.
  const paths = new Set([...Object.keys(openApiDocument().paths), "/api", "/api/", "/api/*"]);
  // Files of the page of documents, and a protocol that has a document of its own.
  const isElsewhere = /^GET \/docs\/files\/|^\w+ \/ofrep\//;
  assert.deepEqual(
    routed.filter((route) => !paths.has(route.split(" ")[1] ?? "") && !isElsewhere.test(route)),
    [],
  );
  const ids = endpoints.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, "operation ids are unique");
});

it("a wrong method on a known path is 405 and Allow names the right ones; an unknown path is 404", async () => {
  for (const path of new Set(endpoints.map((one) => one.path))) {
    const right = endpoints.filter((one) => one.path === path).map(({ method }) => method as string);
    const allowed = right.includes("GET") ? [...right, "HEAD"] : right;
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OPTIONS"]) {
      if (allowed.includes(method)) continue;
      // Outside of /api, methods that no page has are for whoever serves the rest of the origin.
      if (method === "PROPFIND" && !path.startsWith("/api/")) continue;
      const answer = await api.send(`${method} ${concrete(path)}`, { body: "{" });
      requireProblem(answer, 405, "METHOD_NOT_ALLOWED");
      assert.equal(answer.headers["allow"], [...allowed].sort().join(", "), `${method} ${path}`);
    }
  }
  for (const path of ["/api/", "/api/nope", "/api/Products", "/api//products", "/api/products/a/b/c"])
    requireProblem(await api.send(`GET ${path}`), 404, "ROUTE_NOT_FOUND");
});

it("/api is an index: every path it names is an operation, and those without parameters answer", async () => {
  interface Index {
    readonly links: { readonly [name: string]: string };
    readonly resources: { readonly [name: string]: string };
    readonly signIn: { readonly [name: string]: string };
  }
  const index = (await api.send("GET /api")).json as unknown as Index;
  const paths = openApiDocument().paths;
  const named = [index.links, index.resources, index.signIn].flatMap((group) => Object.values(group));
  for (const name of ["products", "categories", "orders", "cart"]) assert.ok(index.resources[name], name);
  for (const path of named) assert.ok(paths[path], path);
  for (const path of Object.values(index.links))
    assert.equal((await api.send(`GET ${path}`)).status, 200, path);
});

it("refusals come in order: token, right, body, whatever the body is", async () => {
  const { token: customer } = await api.customer();
  const admin = await api.admin();
  for (const { method, path, access, body, permit } of endpoints) {
    if (access === "anyone" || !body) continue;
    const request = `${method} ${concrete(path)}`;
    for (const broken of ["{", '{"a":', "[".repeat(5000), "x".repeat(70_000), "null"]) {
      requireProblem(await api.send(request, { body: broken }), 401, "TOKEN_REQUIRED");
      requireProblem(await api.send(request, { body: broken, token: "a.b.c" }), 401, "TOKEN_INVALID");
      if (access === "admin") {
        requireProblem(await api.send(request, { body: broken, token: customer }), 403, "ADMIN_REQUIRED");
      }
      if (access === "owner") {
        const others = `${method} ${path.replace(":userId", someone).replaceAll(/:\w+/g, someone)}`;
        requireProblem(await api.send(others, { body: broken, token: customer }), 404, "USER_NOT_FOUND");
      }
      if (permit) continue;
      const answer = await api.send(request, { body: broken, token: access === "admin" ? admin : customer });
      assert.ok([400, 413].includes(answer.status), `${request}: ${answer.text}`);
    }
  }
});

it("bodies are JSON of at most 64 KiB, not compressed, and are taken as they are", async () => {
  const login = "POST /api/users/login";
  const good = { email: "nobody@example.com", password: "x" };
  requireProblem(await api.send(login, { body: good }), 401, "CREDENTIALS_INVALID");
  requireProblem(
    await api.send(login, { body: JSON.stringify(good).padEnd(64 * 1024 + 1) }),
    413,
    "PAYLOAD_TOO_LARGE",
  );
  requireProblem(
    await api.send(login, { body: JSON.stringify(good).padEnd(64 * 1024) }),
    401,
    "CREDENTIALS_INVALID",
  );
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
    "x",
  ]) {
    const answer = await api.send(login, { body: JSON.stringify(good), headers: { "content-type": type } });
    requireProblem(answer, 415, "MEDIA_TYPE_UNSUPPORTED");
  }
  const packed = await api.send(login, { body: good, headers: { "content-encoding": "gzip" } });
  requireProblem(packed, 415, "MEDIA_TYPE_UNSUPPORTED");
  requireProblem(await api.send(login, { body: "" }), 400, "VALIDATION_FAILED");
  for (const body of [
    { ...good, role: "admin" },
    { ...good, password: 1 },
    { ...good, email: ["a"] },
    [good],
    "[]",
    7,
  ]) {
    const answer = await api.send(login, { body: typeof body === "number" ? "7" : body });
    requireProblem(answer, 400, "VALIDATION_FAILED");
    assert.ok(answer.json.errors.length > 0);
  }
});

it("faults name the field by its path", async () => {
  const shippingAddress = { line1: "a", city: "b", postalCode: "10115", country: "DE", planet: "x" };
  const items = [
    { productId: "a", quantity: 1 },
    { productId: "b", quantity: "2" },
  ];
  const { json } = await api.send("POST /api/shipping/quote", { body: { shippingAddress, items } });
  assert.deepEqual(json.errors.map(({ path }: { path: string }) => path).sort(), [
    "items[1].quantity",
    "shippingAddress.planet",
  ]);
});

it("every answer forbids everything to browsers, also refusals, and tells nothing of the inside", async () => {
  const wanted = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
  for (const request of [
    "GET /api/currencies",
    "GET /api/nope",
    "PATCH /api/currencies",
    "GET /api/cart/me",
    "GET /docs",
  ]) {
    const { headers, text } = await api.send(request);
    for (const [name, value] of Object.entries(wanted))
      assert.equal(headers[name], value, `${request} ${name}`);
    assert.match(String(headers["content-security-policy"]), /^default-src 'none'; .*frame-ancestors 'none'/);
    assert.match(String(headers["strict-transport-security"]), /max-age=31536000/);
    assert.equal(headers["server"] ?? headers["x-powered-by"], undefined);
    assert.doesNotMatch(text, /node_modules|at async|\/platform\/|select .* from/i);
  }
});

it("the reference runs and loads what is of this origin and nothing else, and browsers ask whether it has changed", async () => {
  const page = await api.send("GET /docs");
  const policy = String(page.headers["content-security-policy"]);
  assert.match(policy, /script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|https?:/);
  assert.doesNotMatch(page.text, /<script(?![^>]*\ssrc="\/docs\/files\/)|<style| style=| on\w+=/);
  const loaded = [...page.text.matchAll(/(?:src|rel="stylesheet" href)="([^"]+)"/g)].map(([, path]) => path);
  assert.equal(loaded.length, 4);
  for (const url of loaded.map(String)) {
    const file = await api.app.inject({ url });
    assert.deepEqual([file.statusCode, file.headers["x-content-type-options"]], [200, "nosniff"], url);
    const etag = String(file.headers["etag"]);
    assert.equal((await api.app.inject({ url, headers: { "if-none-match": etag } })).statusCode, 304, url);
  }
  assert.match(page.text, /Authorization: Bearer/);
  const plain = await api.send("GET /docs/plain");
  assert.doesNotMatch(plain.text, /<th><\/th>/, "every column has a name");
  assert.match(plain.text, /href="\/"/);
});

it("HEAD answers like GET, without the body", async () => {
  const get = await api.send("GET /api/currencies");
  const head = await api.send("HEAD /api/currencies");
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
  assert.equal(head.headers["content-length"], get.headers["content-length"]);
});

it("a neighbour that is away is 503 with Retry-After; ads and recommendations are empty lists then", async () => {
  const { token } = await api.guest();
  const refused = await api.send("GET /api/cart/me", { token });
  requireProblem(refused, 503, "NEIGHBOUR_UNAVAILABLE");
  assert.ok(Number(refused.headers["retry-after"]) >= 1);
  for (const path of ["/api/ads?contextKeys=clothing", "/api/recommendations?productIds=OLJCESPC7Z"])
    assert.deepEqual((await api.send(`GET ${path}`)).json, { items: [], nextCursor: null, total: 0 });
  const health = (await api.send("GET /api/health")).json;
  assert.equal(health.status, "degraded");
  assert.equal(health.services.cart, "down");
  assert.equal(health.services.catalog, "up");
  const cart = health.details.find((one: { service: string }) => one.service === "cart");
  assert.deepEqual(
    { ...cart, ageMs: 0 },
    {
      service: "cart",
      status: "down",
      lacks: ["It does not answer."],
      ageMs: 0,
      breaker: "closed",
    },
  );
  assert.ok(cart.ageMs < 5_000);
});

it("a guest's cart that cannot be brought along does not stop a login", async () => {
  const { token } = await api.guest();
  const { email } = await api.customer();
  const body = { email, password: "a long walk by the sea" };
  assert.equal((await api.send("POST /api/users/login", { body, token })).status, 200);
});

it("a service of pages with another base currency is refused before it can show a wrong price", async () => {
  const asked = async (currency: string) =>
    await api.send("GET /api/products?limit=1", { headers: { "x-stoa-currency": currency } });
  const refused = await asked("EUR");
  requireProblem(refused, 503, "SHOP_DISAGREES");
  assert.match(refused.text, /of the gateway service is USD, but that of its caller is EUR/);
  assert.equal((await asked("USD")).status, 200);
});

it("only the storefront, with its proof of this very body, may name a guest by a session", async () => {
  const body = JSON.stringify({ sessionKey: "a-session" });
  const guests = "POST /api/users/guest";
  const prove = (name: string, { key = serviceKey, proven = body, method = "POST" } = {}) => {
    const call = { ...provenRequest(method, "/api/users/guest", {}), bodyHash: bodyHash(proven) };
    return { "x-stoa-service": signCall(name, key, Date.now(), call) };
  };
  requireProblem(await api.send(guests, { body }), 403, "SERVICE_REQUIRED");
  for (const headers of [
    prove("storefront", { key: "another-key-that-is-no-good-0123456789" }),
    prove("cart"),
    prove("storefront", { proven: JSON.stringify({ sessionKey: "another" }) }),
    prove("storefront", { proven: "" }),
    prove("storefront", { method: "PUT" }),
  ])
    requireProblem(await api.send(guests, { body, headers }), 403, "SERVICE_REQUIRED");
  const { json } = await api.send(guests, { body, headers: prove("storefront") });
  assert.equal(json.userId, guestIdOfSession("a-session"));
});

it("in maintenance all but health, documents, login and admins meet 503 with Retry-After", async () => {
  const { token } = await api.customer();
  const admin = await api.admin();
  flags.set("MAINTENANCE_MODE", true);
  try {
    for (const options of [{}, { token }]) {
      const answer = await api.send("GET /api/products", options);
      requireProblem(answer, 503, "MAINTENANCE");
      assert.ok(Number(answer.headers["retry-after"]) > 0);
    }
    for (const path of ["/api/health", "/docs", "/openapi.json", "/.well-known/jwks.json"])
      assert.equal((await api.send(`GET ${path}`)).status, 200, path);
    assert.equal((await api.send("GET /api/products?limit=1", { token: admin })).status, 200);
    assert.ok(await api.admin());
  } finally {
    flags.delete("MAINTENANCE_MODE");
  }
});

it("only pages of listed origins may read answers", async () => {
  const preflight = { "access-control-request-method": "POST", origin: "https://app.example" };
  const listed = await limited.send("OPTIONS /api/orders", { headers: preflight });
  assert.equal(listed.status, 204);
  assert.equal(listed.headers["access-control-allow-origin"], "https://app.example");
  assert.match(String(listed.headers["access-control-allow-headers"]), /idempotency-key/);
  for (const origin of [
    "https://evil.example",
    "null",
    "https://app.example.evil.example",
    "http://app.example",
  ]) {
    for (const request of ["GET /api/currencies", "OPTIONS /api/orders"]) {
      const { headers } = await limited.send(request, { headers: { ...preflight, origin } });
      assert.equal(headers["access-control-allow-origin"], undefined, `${request} ${origin}`);
    }
  }
});

it("after 30 failed logins an address meets 429 with Retry-After, even with the right password; others do not", async () => {
  const address = "198.51.100.1";
  const body = { email: "nobody@example.com", password: "wrong" };
  const tried = await Promise.all(
    Array.from({ length: 40 }, () => limited.send("POST /api/users/login", { body, address })),
  );
  assert.equal(tried.filter(({ status }) => status === 401).length, 30);
  for (const answer of tried.filter(({ status }) => status !== 401)) {
    requireProblem(answer, 429, "RATE_LIMITED");
    assert.ok(Number(answer.headers["retry-after"]) > 0);
  }
  const right = { email: "admin@example.com", password: "the keys of the colonnade" };
  requireProblem(await limited.send("POST /api/users/login", { body: right, address }), 429, "RATE_LIMITED");
  const forged = { "x-forwarded-for": "203.0.113.1", "x-stoa-client-address": "203.0.113.2" };
  const again = await limited.send("POST /api/users/login", { body: right, address, headers: forged });
  requireProblem(again, 429, "RATE_LIMITED");
  // A password is asked for here too, of somebody else.
  const { token } = await limited.customer("guessed@example.com");
  const change = { password: "seven quiet herons", currentPassword: "no idea" };
  const profile = "PUT /api/users/profile";
  requireProblem(await limited.send(profile, { body: change, token, address }), 429, "RATE_LIMITED");
  const elsewhere = { body: change, token, address: "198.51.100.2" };
  requireProblem(await limited.send(profile, elsewhere), 403, "CURRENT_PASSWORD_WRONG");
  const viaProxy = { body: right, address: "10.0.0.1", headers: { "x-forwarded-for": "203.0.113.1" } };
  assert.equal((await limited.send("POST /api/users/login", viaProxy)).status, 200);
});

it("an address that asks too often meets 429, others do not", async () => {
  const address = "198.51.100.77";
  const answers: Answer[] = [];
  for (let count = 0; count < 201; count += 1)
    answers.push(await limited.send("GET /api/health", { address }));
  assert.ok(answers.slice(0, 200).every(({ status }) => status === 200));
  requireProblem(answers[200] as Answer, 429, "RATE_LIMITED");
  assert.equal((await limited.send("GET /api/health", { address: "198.51.100.78" })).status, 200);
});

it("OPTIONS * and a target with scheme and host are answered, and HTTP/1.0 needs no Host", async () => {
  const one = `Host: shop\r\nConnection: close\r\n\r\n`;
  const star = await raw(`OPTIONS * HTTP/1.1\r\n${one}`);
  assert.match(star, /^HTTP\/1\.1 204 [\s\S]*allow: GET, HEAD, POST/i);
  for (const target of ["http://shop/api/currencies", "HTTP://other.example:8080/api/currencies?x=1"])
    assert.match(await raw(`GET ${target} HTTP/1.1\r\n${one}`), /^HTTP\/1\.1 200 [\s\S]*"EUR"/);
  assert.match(await raw(`GET http://shop HTTP/1.1\r\n${one}`), /^HTTP\/1\.1 404 /);
  assert.match(await raw("GET /api/currencies HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
  for (const host of [
    "shop.example:3000",
    "127.0.0.1:1",
    "[::1]:3000",
    "my_shop.local.",
    "xn--bcher-kva.example",
  ])
    assert.match(
      await raw(`GET /api/currencies HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
      /^HTTP\/1\.1 200 /,
    );
});

it("what is no HTTP gets a problem and loses its connection; a truncated or doubled length smuggles nothing", async () => {
  const host = "Host: shop\r\n";
  for (const [text, status] of [
    ["NONSENSE\r\n\r\n", 400],
    [
      `POST /api/users/login HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [`POST /api/users/login HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400],
    [`GET /api/health HTTP/1.1\r\n${host}X-Long: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    [`GET /api/health?${"x".repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 431],
    [`GET /api/health HTTP/1.1\r\n${host}Host: evil\r\n\r\n`, 400],
    [`GET /api/health HTTP/1.1\r\n${host}${host}\r\n`, 400],
    ["GET /api/health HTTP/1.1\r\n\r\n", 400],
    ["GET /api/health HTTP/1.1\r\nHost:\r\n\r\n", 400],
    ["GET /api/health HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
    ["GET /api/health HTTP/1.1\r\nHost: shop/evil\r\n\r\n", 400],
    ["GET /api/health HTTP/1.1\r\nHost: user@shop\r\n\r\n", 400],
    ["GET /api/health HTTP/1.1\r\nHost: shop:port\r\n\r\n", 400],
    ["GET /api/health\r\n\r\n", 400],
    ["GET /api/health HTTP/0.9\r\n\r\n", 400],
    [`GET /api/health HTTP/2.0\r\n${host}\r\n`, 400],
    [`GET ftp://evil/ HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET http://user:word@shop/api/health HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET http:///api/health HTTP/1.1\r\n${host}\r\n`, 400],
    [`GET * HTTP/1.1\r\n${host}\r\n`, 400],
    [`CONNECT shop:443 HTTP/1.1\r\n${host}\r\n`, 405],
    [`POST /api/users/login HTTP/1.1\r\n${host}Expect: a miracle\r\nContent-Length: 0\r\n\r\n`, 417],
    [`GET /%ff HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
    [`GET /%E0%A4%A HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
    [`GET /%zz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 400],
  ] as const) {
    const answer = await raw(text);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), text.slice(0, 40));
    assert.match(answer, /application\/problem\+json/);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, "one answer");
    assert.doesNotMatch(answer, /FST_|statusCode/);
  }
});

it("a client that hangs up in the midst of its body or its answer is no error of ours", async () => {
  const address = api.app.server.address();
  const port = typeof address === "object" && address ? address.port : await listen(api.app, "127.0.0.1", 0);
  const admin = await api.admin();
  said.length = 0;
  const head = (line: string, type: string) =>
    `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin}\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n{"a`;
  const requests = [
    head("POST /api/users/login", "application/json"),
    head("POST /api/orders", "application/json"),
    head("POST /api/files", "image/png"),
    head("PATCH /nowhere", "application/json"),
    "GET /api/products?limit=100 HTTP/1.1\r\nHost: x\r\n\r\n",
  ];
  const hangUps = requests.flatMap((text) =>
    ["destroy", "resetAndDestroy"].map((how) => [text, how] as const),
  );
  for (const [text, how] of hangUps) {
    const closed = Promise.withResolvers<void>();
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(text, () =>
        setImmediate(() => (how === "destroy" ? socket.destroy() : socket.resetAndDestroy())),
      ),
    );
    socket.on("error", () => undefined).on("close", () => closed.resolve());
    await closed.promise;
  }
  await eventually("all are over", async () => {
    const connections = Promise.withResolvers<number>();
    api.app.server.getConnections((_error, count) => connections.resolve(count));
    return (await connections.promise) === 0;
  });
  const loud = said.filter((line) => !/"level":"(debug|info)"/.test(line));
  assert.deepEqual(loud, []);
});
