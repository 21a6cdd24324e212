import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServerOfNode, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { after, test } from "node:test";
import { createHttpServer, listen } from "#platform/http/server.ts";
import { Senders } from "#platform/http/sender.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import type { GatewayContext } from "./context.ts";
import { mountPages, type PagesAt } from "./storefront-proxy.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** The gateway's way to pages at `url`, as a port of its own. */
async function openProxy(url: string, prefix: PagesAt["prefix"] = "") {
  const guards: NeighbourGuard[] = [];
  const ctx = {
    clock: systemClock,
    log: silentLog,
    shop: { httpTls: undefined, serviceKey },
    senders: new Senders({ proxies: "", serviceKey, clock: systemClock }),
    limits: undefined,
    config: { GATEWAY_HSTS_SECONDS: 0 },
    openGuard: (neighbour: string, knock: (timeoutMs: number) => Promise<boolean>) => {
      const common = { caller: "gateway", clock: systemClock, log: silentLog };
      const guard = new NeighbourGuard({ ...common, neighbour, knock });
      guards.push(guard);
      return guard;
    },
  } as unknown as GatewayContext;
  const app = createHttpServer({ service: "gateway", log: silentLog });
  const close = await mountPages(app, ctx, { url, prefix });
  const port = await listen(app, "127.0.0.1", 0);
  closers.push(async () => {
    for (const guard of guards) guard.close();
    await app.close();
    close();
  });
  const ask = async (path: string, init: RequestInit = {}) => {
    const startedMs = systemClock.monotonicMs();
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      tookMs: systemClock.monotonicMs() - startedMs,
    };
  };
  return { ask, guards };
}

/** Takes connections and says nothing. */
async function openSilence(port = 0) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.resume();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  closers.push(() => void close().catch(() => undefined));
  return { port: (server.address() as AddressInfo).port, close };
}

async function openPages(port = 0) {
  const seen: { method: string; headers: IncomingHttpHeaders }[] = [];
  const server: Server = createHttpServerOfNode((request, response) => {
    if (request.url !== "/health") seen.push({ method: request.method ?? "", headers: request.headers });
    request.resume();
    request.on("end", () => response.end("<h1>The shop</h1>"));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => (server.closeAllConnections(), server.close()));
  return { port: (server.address() as AddressInfo).port, seen, server };
}

test("pages that hang cost one visitor a second, then milliseconds, and are shown again as soon as they answer", async () => {
  const silence = await openSilence();
  const { ask } = await openProxy(`http://127.0.0.1:${silence.port}`);
  const first = await ask("/", { headers: { accept: "text/html" } });
  assert.equal(first.status, 503);
  assert.ok(first.tookMs > 800 && first.tookMs < 3_000, `the first one waited ${first.tookMs} ms`);
  assert.equal(first.headers.get("retry-after"), "1");
  assert.match(first.text, /<h1>One moment, please<\/h1>/);
  for (let count = 0; count < 20; count += 1) {
    const { status, tookMs } = await ask("/", { headers: { accept: "text/html" } });
    assert.equal(status, 503);
    assert.ok(tookMs < 700, `the next one waited ${tookMs} ms`);
  }
  const program = await ask("/");
  assert.match(program.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal((JSON.parse(program.text) as { code: string }).code, "STOREFRONT_UNREACHABLE");
  await silence.close();
  await openPages(silence.port);
  const startedMs = systemClock.monotonicMs();
  await eventually("pages are shown again", async () => (await ask("/")).status === 200);
  assert.ok(systemClock.monotonicMs() - startedMs < 3_000, "that took longer than three seconds");
});

test("a form that is sent has ten seconds, and whoever makes pages is told how long there is", async () => {
  const { port, seen } = await openPages();
  const { ask } = await openProxy(`http://127.0.0.1:${port}`);
  await ask("/");
  await ask("/cart");
  await ask("/cart/checkout", { method: "POST", body: "a=1" });
  // Nobody outside makes a page's time longer.
  await ask("/", { headers: { "x-stoa-time-left-ms": "60000" } });
  await ask("/orders/1/live", { headers: { accept: "text/event-stream" } });
  const told = seen.map(({ headers }) => headers["x-stoa-time-left-ms"]);
  const within = (text: unknown, from: number, to: number) =>
    assert.ok(Number(text) >= from && Number(text) <= to, `${String(text)} is not within ${from} and ${to}`);
  within(told[0], 300, 950);
  within(told[1], 1_000, 1_900);
  within(told[2], 9_000, 70_000);
  within(told[3], 300, 950);
  assert.equal(told[4], undefined);
});

test("a page whose connection breaks is asked for again, a form never", async () => {
  let broken = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      if (bytes.toString().startsWith("GET /health"))
        return void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      broken += 1;
      if (broken % 2 === 1) socket.destroy();
      else socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  const { ask } = await openProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  assert.equal((await ask("/")).status, 200);
  assert.equal(broken, 2);
  assert.equal((await ask("/cart", { method: "POST", body: "a=1" })).status, 503);
  assert.equal(broken, 3);
});
