import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { after, test } from "node:test";
import { ApiProblem } from "#gen/rest/rest-client.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { Api } from "./rest-api.ts";

const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

const caller = { requestId: "req-1", trace: traceFrom(undefined), clientAddress: "192.0.2.1" };

function openApi(port: number) {
  const api = new Api({
    service: "storefront",
    apiUrl: () => `http://127.0.0.1:${port}`,
    httpTls: undefined,
    serviceKey: "a-key-that-only-tests-know-0123456789",
    currency: "USD",
    connectionsMax: 8,
    clock: systemClock,
    openGuard: (neighbour, knock) => {
      const common = { caller: "storefront", clock: systemClock, log: silentLog };
      const guard = new NeighbourGuard({ ...common, neighbour, knock });
      closers.push(() => guard.close());
      return guard;
    },
  });
  closers.push(() => api.close());
  return api;
}

test("an API that hangs costs a page one time limit, then milliseconds", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  const api = openApi((server.address() as AddressInfo).port);
  const ask = async () => {
    const startedMs = systemClock.monotonicMs();
    const isRefused = (error: unknown) => error instanceof ApiProblem && error.code === "API_UNREACHABLE";
    await assert.rejects(api.send("listCurrencies", {}, caller, 500), isRefused);
    return systemClock.monotonicMs() - startedMs;
  };
  assert.ok((await ask()) >= 450);
  for (let count = 0; count < 20; count += 1) {
    const tookMs = await ask();
    assert.ok(tookMs < 400, `the next one waited ${tookMs} ms`);
  }
});

test("what a page asks for must be there before its visitor gives up, and the API is told so", async () => {
  const told: (string | undefined)[] = [];
  const server = createHttp((request, response) => {
    // The guard may ask for a sign of life in between.
    if (request.url !== "/health") told.push(request.headers["x-stoa-time-left-ms"] as string | undefined);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ items: [] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => (server.closeAllConnections(), server.close()));
  const api = openApi((server.address() as AddressInfo).port);
  await api.send("listCurrencies", {}, { ...caller, waitsUntilMs: systemClock.monotonicMs() + 800 });
  await api.send("listCurrencies", {}, caller);
  assert.ok(Number(told[0]) > 100 && Number(told[0]) <= 800, `${told[0]} ms`);
  assert.equal(told[1], "2000");
});
