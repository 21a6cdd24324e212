import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { after, it } from "node:test";
import { listen } from "#platform/http/server.ts";
import { Senders } from "#platform/http/sender.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { openApi, serviceKey } from "./open-api.ts";

const seen: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}[] = [];
const origin = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    seen.push({ method, url: path, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(path === "/missing" ? 404 : 200, {
      "content-type": "text/html",
      "set-cookie": ["a=1; HttpOnly", "b=2"],
      "content-security-policy": "default-src 'self'",
    });
    response.end(`<p>${path}</p>`.padEnd(200_000));
  });
});
await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
const { port: originPort } = origin.address() as { port: number };
after(() => origin.close());

const url = `http://127.0.0.1:${originPort}`;
const open = async (environment = {}) => {
  const { app } = await openApi({
    services: ["currency", "gateway"],
    isEmbedded: false,
    environment: { STOREFRONT_URL: url, ...environment },
  });
  return await listen(app, "127.0.0.1", 0);
};
const port = await open();
const shop = `http://127.0.0.1:${port}`;

it("what is not the API's goes to the storefront and comes back whole, with its own headers", async () => {
  const response = await fetch(`${shop}/product/x?y=1`, {
    headers: { cookie: "s=1", "x-forwarded-for": "6.6.6.6" },
  });
  assert.equal(response.status, 200);
  assert.equal((await response.text()).length, 200_000);
  assert.deepEqual(response.headers.getSetCookie(), ["a=1; HttpOnly", "b=2"]);
  assert.equal(response.headers.get("content-security-policy"), "default-src 'self'");
  const last = seen.at(-1);
  assert.equal(last?.url, "/product/x?y=1");
  assert.equal(last?.headers["cookie"], "s=1");
  assert.equal(last?.headers["x-forwarded-for"], "127.0.0.1", "an invented address goes no further");
  assert.equal(last?.headers["x-forwarded-host"], `127.0.0.1:${port}`);
  assert.equal((await fetch(`${shop}/missing`)).status, 404);
});

it("scheme, host and address go on as a trusted proxy says them, proved; from anybody else they are ignored", async () => {
  const behindTls = `http://127.0.0.1:${await open({ TRUSTED_PROXIES: "127.0.0.1" })}`;
  const headers = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "shop.example",
    "x-stoa-client-scheme": "gopher",
    "x-stoa-service": "gateway.0000000000.x.x",
  };
  const senders = new Senders({ proxies: "", serviceKey, clock: systemClock });
  const senderOfLast = () => {
    const last = seen.at(-1);
    const request = { ...last, socket: { remoteAddress: "10.0.0.1" } };
    const { address, scheme, host, service } = senders.of(request as never);
    const said = ["for", "proto", "host"].map((name) => last?.headers[`x-forwarded-${name}`]);
    return [address, scheme, host, service, ...said];
  };
  await fetch(`${behindTls}/account`, { headers });
  const told = ["203.0.113.9", "https", "shop.example"];
  assert.deepEqual(senderOfLast(), [...told, "gateway", ...told]);
  await fetch(`${shop}/account`, { headers });
  const seenHere = ["127.0.0.1", "http", `127.0.0.1:${port}`];
  assert.deepEqual(senderOfLast(), [...seenHere, "gateway", ...seenHere]);
});

it("forms pass through as they come, also bodies that stream", async () => {
  await fetch(`${shop}/cart`, {
    method: "POST",
    body: new URLSearchParams({ product_id: "A", quantity: "2" }),
  });
  assert.equal(seen.at(-1)?.body, "product_id=A&quantity=2");
  const parts = Readable.toWeb(Readable.from(["one ", "two"].map((part) => Buffer.from(part))));
  const init = { method: "POST", body: parts, duplex: "half", headers: { "content-type": "text/csv" } };
  await fetch(`${shop}/import`, init as RequestInit);
  assert.equal(seen.at(-1)?.body, "one two");
});

it("odd requests get answers of the house in split mode too, and a target with scheme and host goes on as its path", async () => {
  const raw = async (text: string) =>
    await new Promise<string>((resolve, reject) => {
      let answer = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(`${text}Connection: close\r\n\r\n`));
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
    });
  assert.match(await raw("OPTIONS * HTTP/1.1\r\nHost: shop\r\n"), /^HTTP\/1\.1 204 /);
  assert.match(await raw("GET ftp://evil/ HTTP/1.1\r\nHost: shop\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(
    await raw("GET http://shop.example/product/mug?a=1 HTTP/1.1\r\nHost: evil\r\n"),
    /^HTTP\/1\.1 200 /,
  );
  assert.deepEqual(
    [seen.at(-1)?.url, seen.at(-1)?.headers["x-forwarded-host"]],
    ["/product/mug?a=1", "shop.example"],
  );
  for (const text of [
    "POST /cart HTTP/1.1\r\nHost: shop\r\nContent-Type:\r\nContent-Length: 1\r\n\r\na",
    "POST /cart HTTP/1.1\r\nHost: shop\r\nContent-Type: ;;\r\nContent-Length: 1\r\n\r\na",
    "POST /cart HTTP/1.1\r\nHost: shop\r\nContent-Type: a/b; charset=\r\nContent-Length: 1\r\n\r\na",
    "PURGE / HTTP/1.1\r\nHost: shop\r\n",
    "PROPFIND / HTTP/1.1\r\nHost: shop\r\n",
    "TRACE / HTTP/1.1\r\nHost: shop\r\n",
    "GET /%ff HTTP/1.1\r\nHost: shop\r\n",
  ]) {
    // The body ends where its length says; what closes the connection goes before it.
    const [head = "", body] = text.split("\r\n\r\n");
    const answer = await raw(body === undefined ? text : `${head}\r\nConnection: close\r\n\r\n${body}`);
    assert.match(answer, /^HTTP\/1\.1 [24]\d\d /, text);
    assert.doesNotMatch(answer, /FST_|"statusCode"|Route [A-Z]+:/, text);
  }
});

it("the API stays the gateway's: its paths, its 404 and its 405 never reach the storefront", async () => {
  const before = seen.length;
  assert.equal((await fetch(`${shop}/api/currencies`)).status, 200);
  assert.equal((await fetch(`${shop}/api/nope`)).status, 404);
  assert.equal((await fetch(`${shop}/api/currencies`, { method: "DELETE" })).status, 405);
  assert.equal((await fetch(`${shop}/openapi.json`, { method: "POST" })).status, 405);
  assert.equal(seen.length, before);
});

it("a storefront that is away is 503 with Retry-After", async () => {
  const closed = await openApi({
    services: ["gateway"],
    isEmbedded: false,
    environment: { STOREFRONT_URL: "http://127.0.0.1:1" },
  });
  const { statusCode, headers } = await closed.app.inject("/");
  assert.equal(statusCode, 503);
  assert.ok(headers["retry-after"]);
});

it("paths below /admin go to the admin pages, and their streams end when the gateway drains", async () => {
  const asked: string[] = [];
  const adminPages = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: one\n\n");
  });
  await new Promise<void>((resolve) => adminPages.listen(0, "127.0.0.1", resolve));
  const { port: adminPort } = adminPages.address() as { port: number };
  const environment = { STOREFRONT_URL: url, ADMIN_URL: `http://127.0.0.1:${adminPort}` };
  const gateway = await openApi({ services: ["gateway"], isEmbedded: false, environment });
  const there = `http://127.0.0.1:${await listen(gateway.app, "127.0.0.1", 0)}`;
  const streams = [await fetch(`${there}/admin`), await fetch(`${there}/admin/live/orders?status=shipped`)];
  assert.deepEqual(asked, ["/admin", "/admin/live/orders?status=shipped"]);
  assert.equal((await fetch(`${there}/administration`)).headers.get("content-type"), "text/html");
  const endings = streams.map((stream) => stream.text().then(assert.fail, () => "cut off"));
  const startedMs = systemClock.monotonicMs();
  await gateway.app.close();
  assert.ok(systemClock.monotonicMs() - startedMs < 10_000);
  assert.deepEqual(await Promise.all(endings), ["cut off", "cut off"]);
  adminPages.closeAllConnections();
  adminPages.close();
});
