import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, it } from "node:test";
import { addOperationsRoutes, createHttpServer, isLoopback, listen } from "./server.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { StartError } from "#platform/kit/start-error.ts";

const state = { isDraining: false, isReady: true };
const app = createHttpServer({ service: "test", log: silentLog, isDraining: () => state.isDraining });
addOperationsRoutes(app, { isReady: () => state.isReady, metrics: "loopback" });
const entered = Promise.withResolvers<void>();
const gate = Promise.withResolvers<void>();
app.get("/slow", async () => {
  entered.resolve();
  await gate.promise;
  return { done: true };
});
const schema = {
  body: { type: "object", properties: { n: { type: "integer" } }, additionalProperties: false },
};
app.post("/strict", { schema }, (request, reply) => reply.send(request.body));
const port = await listen(app, "127.0.0.1", 0);
after(async () => await app.close());

/** Opens a connection, writes, and returns what came back when it was closed. */
async function exchange(text: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

it("health does not depend on readiness; readiness turns 503 with Retry-After", async () => {
  assert.equal((await app.inject("/ready")).statusCode, 200);
  state.isReady = false;
  const { statusCode, headers } = await app.inject("/ready");
  assert.equal(statusCode, 503);
  assert.ok(headers["retry-after"]);
  for (const path of ["/health", "/status/200"]) assert.equal((await app.inject(path)).statusCode, 200);
  state.isReady = true;
});

it("metrics answer this machine only", async () => {
  assert.equal((await app.inject("/metrics")).statusCode, 200);
  assert.equal((await app.inject({ url: "/metrics", remoteAddress: "192.0.2.1" })).statusCode, 404);
  assert.ok(isLoopback("::ffff:127.0.0.1") && !isLoopback("127.0.0.2.example"));
});

it("bodies are validated as they are: nothing is coerced, filled in or taken out", async () => {
  const post = async (payload: object) =>
    (await app.inject({ method: "POST", url: "/strict", payload })).statusCode;
  assert.equal(await post({ n: 1 }), 200);
  for (const body of [{ n: "1" }, { n: true }, { n: [1] }, { n: null }, { n: 1, extra: 1 }])
    assert.equal(await post(body), 400, JSON.stringify(body));
});

it("a request keeps its own id if that is a clean one, and gets one otherwise", async () => {
  const idOf = async (id: string) =>
    (await app.inject({ url: "/health", headers: { "x-request-id": id } })).headers["x-request-id"];
  assert.equal(await idOf("abc-1"), "abc-1");
  assert.notEqual(await idOf("a b"), "a b");
});

it("while it drains, every answer asks its client for another connection", async () => {
  state.isDraining = true;
  const { headers } = await app.inject("/health");
  state.isDraining = false;
  assert.equal(headers["connection"], "close");
  assert.notEqual((await app.inject("/health")).headers["connection"], "close");
});

it("a path with broken bytes, oversized heads and nonsense get a problem, never a crash", async () => {
  const { statusCode, json } = await app.inject("/%ff");
  assert.equal(statusCode, 400);
  assert.equal(json().code, "URL_INVALID");
  assert.match(
    await exchange(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1.1 431 /,
  );
  assert.match(await exchange("\u0000\u0001\r\n\r\n"), /^HTTP\/1.1 400 /);
});

it("a head that drips in slowly is cut off with 408", { timeout: 20_000 }, async () => {
  assert.match(await exchange("GET /health HTTP/1.1\r\nHost: x\r\nX-Slow"), /^HTTP\/1.1 408 /);
});

it("a taken port is one sentence", async () => {
  const other = createHttpServer({ service: "test", log: silentLog });
  await assert.rejects(listen(other, "127.0.0.1", port), (error: unknown) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, new RegExp(`Port ${port} cannot be opened`));
    return true;
  });
});

it("closing waits for the request under way and answers it", async () => {
  const answer = exchange("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await entered.promise;
  const closed = app.close();
  gate.resolve();
  assert.match(await answer, /^HTTP\/1.1 200 [\s\S]*"done":true/);
  await closed;
});
