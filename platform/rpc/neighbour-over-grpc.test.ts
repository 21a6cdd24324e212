import assert from "node:assert/strict";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { AppError } from "#platform/kit/errors.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { bindRpcs, type Call } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createGrpcClient } from "./grpc-client.ts";
import { openGrpcFront } from "./grpc-front.ts";
import { openHealthProbe } from "./grpc-health.ts";
import { openGrpcServer } from "./grpc-server.ts";
import { GrpcWay } from "./grpc-way.ts";
import { NeighbourGuard } from "./neighbour.ts";
import { Scope } from "./scope.ts";
import { isOfTheWay, unavailable, wasNotSent } from "./status.ts";

const serviceKey = "neighbour-test-key-0123456789abcdef";
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

type Handler = (call: Call) => Promise<object>;

/** An ad service that answers as it is told. */
async function openAds(handler: { now: Handler }, port = 0) {
  const bound = bindRpcs(AdService, undefined, {
    getAds: (_ctx, _request, call) => handler.now(call),
    recordClick: (_ctx, _request, call) => handler.now(call),
  });
  const noTokens = () =>
    Promise.resolve({ keys: new Map(), revokedTokenIds: new Set<string>(), cutoffsMs: new Map() });
  const dispatcher = new Dispatcher({
    service: "ad",
    clock: systemClock,
    log: silentLog,
    verifier: new TokenVerifier(systemClock, noTokens),
  });
  const services = [{ bound, dispatcher }];
  const server = await openGrpcServer({ host: "127.0.0.1", port, services, serviceKey, clock: systemClock });
  closers.push(() => server.close(0));
  return server;
}

function openGuarded(port: number, patienceMs: number) {
  const url = `127.0.0.1:${port}`;
  const way = new GrpcWay({ url, clock: systemClock });
  const guard = new NeighbourGuard({
    caller: "checkout",
    neighbour: "ad",
    clock: systemClock,
    log: silentLog,
    knock: (timeoutMs) => way.isAlive(timeoutMs),
    dialAnew: () => way.dialAnew(),
  });
  const common = { url, caller: "checkout", serviceKey, clock: systemClock, patienceMs };
  const { client } = createGrpcClient(AdService, { ...common, neighbour: { way, guard } });
  closers.push(() => (guard.close(), way.close()));
  return { client, guard };
}

const errorOf = async (call: Promise<unknown>): Promise<AppError> =>
  await call.then(
    () => assert.fail("The call should have failed."),
    (error: unknown) => (error instanceof AppError ? error : assert.fail(String(error))),
  );

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; tookMs: number }> {
  const startedMs = systemClock.monotonicMs();
  return { result: await work(), tookMs: systemClock.monotonicMs() - startedMs };
}

/** A link whose bytes can be held, and whose old connections can be forgotten without a word. */
async function openLink(target: number) {
  const pairs = new Set<[Socket, Socket]>();
  const held = new Set<[Socket, Socket]>();
  let isHeld = false;
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    const flows = () => !isHeld && !held.has(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("error", () => undefined);
      from.on("close", () => flows() && to.destroy());
      from.on("data", (bytes) => {
        if (flows()) to.write(bytes);
        else waiting.push(() => void (flows() && to.write(bytes)));
      });
    }
  });
  const waiting: (() => void)[] = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    for (const socket of [...pairs].flat()) socket.destroy();
    server.close();
  });
  return {
    port: portOf(server),
    hold: () => (isHeld = true),
    flow: () => {
      isHeld = false;
      for (const pass of waiting.splice(0)) pass();
    },
    /** What stands is dead from now on, on both sides, without a word; new connections are well. */
    forget: () => {
      isHeld = false;
      waiting.length = 0;
      for (const pair of pairs) held.add(pair);
    },
  };
}

const portOf = (server: Server | Http2Server) => (server.address() as AddressInfo).port;

describe("a neighbour that hangs", () => {
  it("costs its callers one time limit, then milliseconds, and is used again soon after it goes on", async () => {
    const { port } = await openAds({ now: () => Promise.resolve({}) });
    const link = await openLink(port);
    const { client, guard } = openGuarded(link.port, 400);
    await client.getAds({});
    link.hold();
    const first = await timed(() => errorOf(client.getAds({})));
    assert.equal(first.result.kind, "deadline_exceeded");
    assert.ok(!wasNotSent(first.result), "what was sent may have been done");
    assert.ok(first.tookMs >= 350, `the first one waits (${first.tookMs} ms)`);
    const next = await timed(async () => {
      for (let count = 0; count < 50; count += 1) {
        const refused = await errorOf(client.getAds({}));
        assert.equal(refused.reason, "NEIGHBOUR_UNAVAILABLE");
        assert.equal(refused.retryAfterSeconds, 1);
        assert.ok(wasNotSent(refused));
      }
    });
    assert.ok(next.tookMs < 3_000, `fifty more take ${next.tookMs} ms`);
    assert.equal(guard.state.state, "open");
    link.flow();
    const recovery = await timed(() => eventually("it is used again", () => isAnswered(client.getAds({}))));
    assert.ok(recovery.tookMs < 3_000, `used again after ${recovery.tookMs} ms`);
    assert.equal(guard.state.state, "closed");
  });

  it("is known to hang long before a patient call is at its limit", async () => {
    const { port } = await openAds({ now: () => Promise.resolve({}) });
    const link = await openLink(port);
    const { client, guard } = openGuarded(link.port, 20_000);
    await client.getAds({});
    link.hold();
    const scope = new Scope(systemClock, 20_000);
    const patient = errorOf(client.recordClick({ adId: "1" }, { scope }));
    const opening = await timed(() => eventually("the breaker opens", () => guard.state.state === "open"));
    assert.ok(opening.tookMs < 3_000, `it took ${opening.tookMs} ms`);
    assert.ok(wasNotSent(await errorOf(client.getAds({}))));
    scope.cancel();
    assert.equal((await patient).kind, "canceled");
  });

  it("is found again over a new connection when the old one has died without a word", async () => {
    const { port } = await openAds({ now: () => Promise.resolve({}) });
    const link = await openLink(port);
    const { client } = openGuarded(link.port, 400);
    await client.getAds({});
    link.forget();
    await errorOf(client.getAds({}));
    const recovery = await timed(() => eventually("it is used again", () => isAnswered(client.getAds({}))));
    assert.ok(recovery.tookMs < 4_000, `used again after ${recovery.tookMs} ms`);
  });

  it("is tried by one call at a time while its process lives and answers nothing", async () => {
    let isStuck = true;
    let inHand = 0;
    let inHandMost = 0;
    const stuck: Handler = async (call) => {
      inHandMost = Math.max(inHandMost, (inHand += 1));
      if (isStuck) await new Promise<void>((resolve) => void call.scope.onEnd(() => resolve()));
      inHand -= 1;
      return {};
    };
    const { port } = await openAds({ now: stuck });
    const { client, guard } = openGuarded(port, 400);
    // A process that gives signs of life has two chances.
    await eventually("it gave a sign of life", async () => {
      if (guard.state.state !== "half-open") await errorOf(client.getAds({}));
      return guard.state.state === "half-open";
    });
    inHandMost = inHand = 0;
    const many = await timed(() => Promise.all(Array.from({ length: 20 }, () => errorOf(client.getAds({})))));
    assert.equal(inHandMost, 1);
    assert.equal(many.result.filter(wasNotSent).length, 19);
    isStuck = false;
    await eventually("it is used again", () => isAnswered(client.getAds({})));
    assert.equal(guard.state.state, "closed");
  });
});

async function isAnswered(call: Promise<unknown>): Promise<boolean> {
  return await call.then(
    () => true,
    () => false,
  );
}

describe("a neighbour that is gone", () => {
  it("is refused at once, without a call that was not sent being counted as unknown, and used as soon as it is there", async () => {
    const server = await openAds({ now: () => Promise.resolve({}) });
    const { port } = server;
    const { client, guard } = openGuarded(port, 2_000);
    await client.getAds({});
    await server.close(0);
    await eventually("the breaker is open", async () => {
      const { result, tookMs } = await timed(() => errorOf(client.getAds({})));
      assert.equal(result.reason, "NEIGHBOUR_UNAVAILABLE");
      assert.ok(tookMs < 1_000, `a refusal took ${tookMs} ms`);
      return guard.state.state === "open";
    });
    assert.ok(wasNotSent(await errorOf(client.getAds({}))));
    await openAds({ now: () => Promise.resolve({}) }, port);
    const recovery = await timed(() => eventually("it is used again", () => isAnswered(client.getAds({}))));
    assert.ok(recovery.tookMs < 3_000, `used again after ${recovery.tookMs} ms`);
  });

  it("gets a call that only asks once more when the connection breaks, and any other never", async () => {
    const asked: string[] = [];
    const server = createHttp2Server();
    server.on("stream", (stream, headers) => {
      stream.on("error", () => undefined);
      asked.push(String(headers[":path"]).replace(/.*\//, ""));
      stream.session?.destroy();
    });
    server.on("sessionError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const { client } = openGuarded(portOf(server), 2_000);
    const click = await errorOf(client.recordClick({ adId: "1" }));
    assert.ok(!wasNotSent(click), "it was sent, and nobody knows");
    assert.deepEqual(asked.splice(0), ["RecordClick"]);
    await errorOf(client.getAds({}));
    assert.deepEqual(
      asked.filter((name) => name === "GetAds"),
      ["GetAds", "GetAds", "GetAds"],
    );
  });
});

describe("a neighbour that talks nonsense", () => {
  const nonsense = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197 + 31) % 256));
  const isAway = (error: AppError) => error.kind === "unavailable" || error.kind === "deadline_exceeded";

  it("is a part of the shop that cannot be reached, and no error of ours", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => void socket.write(nonsense));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const { client } = openGuarded(portOf(server), 400);
    for (let count = 0; count < 5; count += 1) {
      const failed = await errorOf(client.recordClick({ adId: "1" }));
      assert.ok(isAway(failed), failed.kind);
    }
  });

  it("is that too when it begins to in the middle of a connection", async () => {
    const { port } = await openAds({ now: () => Promise.resolve({}) });
    let isBad = false;
    const server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const socket of [near, far]) socket.on("error", () => undefined);
      near.on("close", () => far.destroy());
      far.on("close", () => near.destroy());
      near.pipe(far);
      far.on("data", (bytes) => void near.write(isBad ? nonsense.subarray(0, bytes.length) : bytes));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const { client } = openGuarded(portOf(server), 400);
    await client.recordClick({ adId: "1" });
    isBad = true;
    for (let count = 0; count < 5; count += 1) {
      const failed = await errorOf(client.recordClick({ adId: "1" }));
      assert.ok(isAway(failed), failed.kind);
    }
    isBad = false;
    await eventually("it is used again", () => isAnswered(client.recordClick({ adId: "1" })));
  });

  it("is that too when an answer has the right frame and the wrong content", async () => {
    const server = createHttp2Server();
    server.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => undefined);
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 64]), nonsense.subarray(0, 64)]));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const { client } = openGuarded(portOf(server), 400);
    const failed = await errorOf(client.recordClick({ adId: "1" }));
    assert.ok(isAway(failed), failed.kind);
  });
});

describe("what is passed on", () => {
  it("is a deadline shorter than that of whoever waits, so that the refusal can still be told", async () => {
    let leftMs = 0;
    const handler: Handler = (call) => {
      leftMs = call.scope.remainingMs;
      return Promise.resolve({});
    };
    const { port } = await openAds({ now: handler });
    const { client } = openGuarded(port, 60_000);
    const scope = new Scope(systemClock, 10_000);
    await client.getAds({}, { scope });
    assert.ok(leftMs < 9_900 && leftMs > 9_000, `${leftMs} ms are left`);
    scope.close();
  });

  it("is no refusal of the neighbour's own neighbours: that is an answer, and not asked for again", async () => {
    let asked = 0;
    const handler: Handler = () => {
      asked += 1;
      throw unavailable("A service further on is away.");
    };
    const { port } = await openAds({ now: handler });
    const { client, guard } = openGuarded(port, 2_000);
    for (let count = 1; count <= 30; count += 1) {
      const told = await errorOf(client.getAds({}));
      assert.equal(told.reason, "NEIGHBOUR_UNAVAILABLE");
      assert.ok(!isOfTheWay(told));
      assert.equal(asked, count);
    }
    assert.equal(guard.state.state, "closed");
  });
});

describe("the front door", () => {
  it("does not hang on a service that does: one time limit, then milliseconds, and soon well again", async () => {
    const { port } = await openAds({ now: () => Promise.resolve({}) });
    const link = await openLink(port);
    const common = { host: "127.0.0.1", port: 0, clock: systemClock, log: silentLog, serviceKey };
    const contracts = [{ descriptor: AdService, url: `127.0.0.1:${link.port}` }];
    const front = await openGrpcFront({ ...common, contracts });
    closers.push(() => front.close(0));
    const url = `127.0.0.1:${front.port}`;
    const outside = createGrpcClient(AdService, { url, caller: "", serviceKey, clock: systemClock });
    closers.push(outside.close);
    const ask = async () => await outside.client.getAds({}, { timeoutMs: 500 });
    await ask();
    link.hold();
    assert.equal((await errorOf(ask())).reason, "DEADLINE_EXCEEDED");
    const next = await timed(async () => {
      for (let count = 0; count < 20; count += 1)
        assert.equal((await errorOf(ask())).reason, "NEIGHBOUR_UNAVAILABLE");
    });
    assert.ok(next.tookMs < 3_000, `twenty more take ${next.tookMs} ms`);
    link.flow();
    const recovery = await timed(() => eventually("it is used again", () => isAnswered(ask())));
    assert.ok(recovery.tookMs < 3_000, `used again after ${recovery.tookMs} ms`);
  });
});

it("a look at health, and a call without a guard, find a neighbour again when the connection has died without a word", async () => {
  const server = await openAds({ now: () => Promise.resolve({}) });
  server.setServing(true);
  const link = await openLink(server.port);
  const probe = openHealthProbe(`127.0.0.1:${link.port}`, systemClock);
  closers.push(() => probe.close());
  assert.ok(await probe.isServing(1_000));
  link.forget();
  assert.equal(await probe.look(300), undefined);
  await eventually("it is seen again", () => probe.isServing(300));
  const url = `127.0.0.1:${link.port}`;
  const unguarded = createGrpcClient(AdService, { url, caller: "cart", serviceKey, clock: systemClock });
  closers.push(unguarded.close);
  const ask = async () => await isAnswered(unguarded.client.getAds({}, { timeoutMs: 300 }));
  assert.ok(await ask());
  link.forget();
  await eventually("an unguarded call is answered again", ask);
});
