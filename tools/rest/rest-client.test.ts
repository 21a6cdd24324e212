import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { StoaClient } from "../../gen/rest/client.ts";
import { ApiProblem, type ClientOptions } from "../../gen/rest/rest-client.ts";

interface Seen {
  readonly request: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A shop that answers with what it is told, one after the other, and remembers what it was asked. */
async function standIn(...answers: ((res: ServerResponse, req: IncomingMessage) => void)[]) {
  const seen: Seen[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      seen.push({
        request: `${req.method} ${req.url}`,
        headers: req.headers,
        body: Buffer.concat(chunks).toString(),
      });
      const answer = answers[Math.min(seen.length, answers.length) - 1];
      answer?.(res, req);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (options: ClientOptions = {}) => new StoaClient({ baseUrl, ...options });
  return { seen, client };
}

const json = (status: number, body: unknown, headers: object = {}) => {
  return (res: ServerResponse) =>
    void res
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(body === undefined ? "" : JSON.stringify(body));
};
const problem = (status: number, code: string, headers: object = {}) =>
  json(status, { code, detail: "No.", status, requestId: "r-1" }, headers);
const broken = (res: ServerResponse) => void res.socket?.destroy();
const silent = () => undefined;

/** What the promise is refused with. */
async function problemOf(promise: Promise<unknown>): Promise<ApiProblem> {
  const error: unknown = await promise.then(
    () => assert.fail("it was not refused"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiProblem, String(error));
  return error;
}

describe("what goes out", () => {
  test("path, query and body stand where the document says, and everything is escaped", async () => {
    const shop = await standIn(json(200, { items: [] }));
    await shop.client().listProducts({
      query: { q: "a b&c", inStock: true, limit: 5, cursor: undefined, "attributes.color": "red" },
    });
    await shop.client().listAds({ query: { contextKeys: ["kitchen", "decor"] } });
    await shop.client().getProduct({ path: { id: "../a/b ?" } });
    await shop.client().setCartItem({ path: { userId: "me", productId: "x" }, body: { quantity: 2 } });
    assert.deepEqual(
      shop.seen.map(({ request }) => request),
      [
        "GET /api/products?q=a+b%26c&inStock=true&limit=5&attributes.color=red",
        "GET /api/ads?contextKeys=kitchen%2Cdecor",
        "GET /api/products/..%2Fa%2Fb%20%3F",
        "PUT /api/cart/me/items/x",
      ],
    );
    assert.equal(shop.seen[3]?.body, '{"quantity":2}');
    assert.equal(shop.seen[3]?.headers["content-type"], "application/json");
    assert.equal(shop.seen[0]?.headers["content-type"], undefined);
  });

  test("an endpoint that the document does not know is asked like any other", async () => {
    const shop = await standIn(json(200, { made: 1 }), problem(409, "WISH_TAKEN"));
    const wish = { path: { id: "a/b" }, query: { limit: 2 }, body: { text: "x" }, idempotencyKey: "k-1" };
    assert.deepEqual(await shop.client().request("PUT", "/api/wishes/{id}", wish), { made: 1 });
    assert.equal(shop.seen[0]?.request, "PUT /api/wishes/a%2Fb?limit=2");
    assert.equal(shop.seen[0]?.body, '{"text":"x"}');
    assert.equal(shop.seen[0]?.headers["idempotency-key"], "k-1");
    const refused = shop.client().request("GET", "/api/wishes/{id}", { path: { id: "b" } });
    assert.equal((await problemOf(refused)).code, "WISH_TAKEN");
    assert.equal((await problemOf(shop.client().request("GET", "/api/wishes/{id}"))).status, 404);
    assert.equal(shop.seen.length, 2);
  });

  test("dots and nothing in the place of an id ask for nothing, instead of for another path", async () => {
    const shop = await standIn(json(200, {}));
    for (const id of ["", ".", ".."])
      assert.equal((await problemOf(shop.client().getOrder({ path: { id } }))).status, 404);
    assert.equal(shop.seen.length, 0);
  });

  test("tokens, keys and headers travel; a call's own win over the client's", async () => {
    const shop = await standIn(json(201, {}));
    const client = shop.client({ token: "one", headers: { "x-channel": "kiosk" } });
    const body = {
      shippingAddress: { line1: "a", city: "b", postalCode: "c", country: "GB" },
      payment: {
        type: "card",
        card: { number: "4242424242424242", expiryMonth: 1, expiryYear: 2040, cvc: "123" },
      },
    } as const;
    await client.placeOrder({ body, idempotencyKey: "k-1" });
    await client.withToken("two").getProfile({}, { headers: { "if-none-match": '"a"' } });
    await client.getProfile({}, { token: null });
    const [placed, second, third] = shop.seen;
    assert.equal(placed?.headers["idempotency-key"], "k-1");
    assert.equal(placed?.headers.authorization, "Bearer one");
    assert.equal(placed?.headers["x-channel"], "kiosk");
    assert.equal(second?.headers.authorization, "Bearer two");
    assert.equal(second?.headers["if-none-match"], '"a"');
    assert.equal(second?.headers["x-channel"], "kiosk");
    assert.equal(third?.headers.authorization, undefined);
  });
});

describe("what comes back", () => {
  test("an answer is its body; with send it has status and headers too, and 304 is one", async () => {
    const shop = await standIn(
      json(200, { id: "p" }, { etag: '"v1"' }),
      json(304, undefined),
      json(204, undefined),
      (res) => void res.writeHead(200, { "content-type": "text/html" }).end("<p>"),
    );
    const first = await shop.client().send("getProduct", { path: { id: "p" } });
    assert.equal(first.body?.id, "p");
    assert.equal(first.header("etag"), '"v1"');
    const known = { headers: { "if-none-match": '"v1"' } };
    const second = await shop.client().send("getProduct", { path: { id: "p" } }, known);
    assert.deepEqual([second.status, second.body], [304, undefined]);
    assert.equal(await shop.client().clearCart({ path: { userId: "me" } }), undefined);
    assert.equal(await shop.client().getDocs(), "<p>");
  });

  test("a refusal is an ApiProblem with everything the problem says", async () => {
    const wrong = { path: "quantity", message: "must be <= 99" };
    const shop = await standIn(
      json(
        400,
        { code: "VALIDATION_FAILED", detail: "No.", requestId: "r-1", errors: [wrong], lines: [1] },
        { "retry-after": "7" },
      ),
      (res) => void res.writeHead(502).end("<html>bad gateway"),
    );
    const refused = await problemOf(shop.client().getProfile());
    assert.deepEqual(
      [refused.status, refused.code, refused.detail, refused.requestId, refused.retryAfterSeconds],
      [400, "VALIDATION_FAILED", "No.", "r-1", 7],
    );
    assert.deepEqual(refused.errors, [wrong]);
    assert.deepEqual(refused.body["lines"], [1]);
    const strange = await problemOf(shop.client().getProfile());
    assert.deepEqual([strange.status, strange.code], [502, "UNKNOWN"]);
  });

  test("no answer is API_UNREACHABLE with its cause; a caller who gives up gets their own reason", async () => {
    const shop = await standIn(broken, silent, silent);
    const cut = await problemOf(shop.client().getProfile());
    assert.deepEqual([cut.status, cut.code], [503, "API_UNREACHABLE"]);
    const late = await problemOf(shop.client().getProfile({}, { timeoutMs: 20 }));
    assert.equal((late.cause as Error).name, "TimeoutError");
    const leaving = new AbortController();
    const asking = shop.client().getProfile({}, { signal: leaving.signal, retries: 5 });
    leaving.abort(new Error("the visitor left"));
    await assert.rejects(asking, /the visitor left/);
  });

  test("what is no shop is said to be none", async () => {
    const shop = await standIn((res) => void res.end("<html>"));
    await assert.rejects(shop.client().getProfile(), /GET \/api\/users\/profile is no shop/);
  });
});

describe("repeats", () => {
  test("are made only when asked for, and only for what does no harm twice", async () => {
    const once = await standIn(broken, json(200, {}));
    await problemOf(once.client().getProfile());
    assert.equal(once.seen.length, 1);
    const post = await standIn(problem(503, "UNAVAILABLE", { "retry-after": "0" }), json(200, {}));
    const body = { shippingAddress: { line1: "a", city: "b", postalCode: "c", country: "GB" } };
    await problemOf(post.client().createQuote({ body }, { retries: 3 }));
    assert.equal(post.seen.length, 1);
    const get = await standIn(
      broken,
      problem(429, "RATE_LIMITED", { "retry-after": "0" }),
      json(200, { id: "u" }),
    );
    assert.equal((await get.client().getProfile({}, { retries: 2 })).id, "u");
    assert.equal(get.seen.length, 3);
  });

  test("an idempotency key makes an order repeatable, under the same key", async () => {
    const shop = await standIn(broken, json(201, { id: "o" }));
    const body = {
      shippingAddress: { line1: "a", city: "b", postalCode: "c", country: "GB" },
      payment: { type: "card", card: { number: "1", expiryMonth: 1, expiryYear: 2040, cvc: "1" } },
    } as const;
    const order = await shop.client().placeOrder({ body, idempotencyKey: "k" }, { retries: 1 });
    assert.equal(order.id, "o");
    assert.deepEqual(
      shop.seen.map(({ headers }) => headers["idempotency-key"]),
      ["k", "k"],
    );
  });

  test("a refusal that would be the same again is not repeated, and the last one is what the caller gets", async () => {
    const conflict = await standIn(problem(409, "STOCK_INSUFFICIENT"));
    await problemOf(conflict.client().getProfile({}, { retries: 3 }));
    assert.equal(conflict.seen.length, 1);
    const closed = await standIn(problem(503, "MAINTENANCE", { "retry-after": "0" }));
    assert.equal((await problemOf(closed.client().getProfile({}, { retries: 2 }))).code, "MAINTENANCE");
    assert.equal(closed.seen.length, 3);
  });
});
