import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { createHttpServer, listen } from "#platform/http/server.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { bindRpcs } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createGrpcClient } from "./grpc-client.ts";
import { openHealthProbe } from "./grpc-health.ts";
import { openGrpcServer } from "./grpc-server.ts";
import { shareWithGrpc } from "./port-for-both.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";
const verifier = new TokenVerifier(systemClock, () => Promise.reject(new Error("Nobody has a token here.")));
const dispatcher = new Dispatcher({ service: "ad", clock: systemClock, log: silentLog, verifier });
const bound = bindRpcs(AdService, undefined, {
  getAds: (_ctx, _request, call) => Promise.resolve({ ads: [{ text: call.service ?? "" }] }),
  recordClick: () => Promise.resolve({}),
});

async function open() {
  const common = { host: "127.0.0.1", port: 0, serviceKey, clock: systemClock };
  const grpc = await openGrpcServer({ ...common, services: [{ bound, dispatcher }] });
  grpc.setServing(true);
  const app = createHttpServer({ service: "operations", log: silentLog });
  app.get("/ready", (_request, reply) => reply.send({ status: "ready" }));
  app.post("/echo", (request, reply) => reply.send(request.body));
  const port = await listen(app, "127.0.0.1", 0);
  shareWithGrpc(app.server, grpc);
  const close = async () => {
    await grpc.close(1_000);
    await app.close();
  };
  return { port, grpc, close };
}

it("an address of the HTTP side reaches gRPC, with its proofs; HTTP on the same port goes on", async () => {
  const { port, close } = await open();
  after(close);
  const url = `http://127.0.0.1:${port}`;
  const { client, close: hangUp } = createGrpcClient(AdService, {
    url,
    caller: "cart",
    serviceKey,
    clock: systemClock,
  });
  const probe = openHealthProbe(url, systemClock);
  for (let count = 0; count < 20; count += 1) {
    const [{ ads }, ready] = await Promise.all([client.getAds({}), fetch(`${url}/ready`)]);
    assert.equal(ads[0]?.text, "cart");
    assert.deepEqual(await ready.json(), { status: "ready" });
  }
  assert.equal(await probe.isServing(1_000), true);
  const body = JSON.stringify({ text: "x".repeat(60_000) });
  const echo = await fetch(`${url}/echo`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  assert.equal(await echo.text(), body);
  probe.close();
  hangUp();
});

it("what comes byte by byte is understood, and what is neither is refused by HTTP", async () => {
  const { port, close } = await open();
  after(close);
  const say = async (text: string, isSlow: boolean) => {
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    // It may be refused before it has said all.
    socket.on("error", () => undefined);
    await once(socket, "connect");
    const answered = once(socket, "data");
    for (const part of isSlow ? text : [text]) {
      socket.write(part);
      await new Promise((done) => setImmediate(done));
    }
    const [answer] = (await answered) as [Buffer];
    socket.destroy();
    return answer.toString("latin1");
  };
  const request = "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  for (const isSlow of [true, false]) assert.match(await say(request, isSlow), /^HTTP\/1\.1 200/);
  assert.match(await say("PRIVATE things\r\n\r\n", true), /^HTTP\/1\.1 400/);
});

it("the drain ends gRPC connections that came over the shared port", async () => {
  const { port, close } = await open();
  const url = `127.0.0.1:${port}`;
  const { client, close: hangUp } = createGrpcClient(AdService, {
    url,
    caller: "cart",
    serviceKey,
    clock: systemClock,
  });
  await client.getAds({});
  const startedMs = systemClock.monotonicMs();
  await close();
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
  await assert.rejects(client.getAds({}, { timeoutMs: 500 }));
  hangUp();
});
