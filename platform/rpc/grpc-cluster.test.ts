// What a cluster asks of calls: many addresses behind a name, connections that end, replicas that come, go and fall ill.
import assert from "node:assert/strict";
import dns from "node:dns";
import { once } from "node:events";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { connect, createServer, type AddressInfo } from "node:net";
import { after, test } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { AppError } from "#platform/kit/errors.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { bindRpcs, type Call } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createGrpcClient } from "./grpc-client.ts";
import { openGrpcServer } from "./grpc-server.ts";
import { GrpcWay } from "./grpc-way.ts";
import { NeighbourGuard } from "./neighbour.ts";
import { wasNotSent } from "./status.ts";

const serviceKey = "cluster-test-key-0123456789abcdef";
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

interface Replica {
  readonly host?: string;
  readonly port?: number;
  readonly connectionAgeMs?: number;
}

async function openReplica(
  answer: (asked: string, call: Call) => Promise<unknown>,
  { host = "127.0.0.1", port = 0, connectionAgeMs }: Replica = {},
) {
  const bound = bindRpcs(AdService, undefined, {
    getAds: async (_ctx, { contextKeys: [key = ""] }, call) => (await answer(key, call), {}),
    recordClick: async (_ctx, { adId }, call) => (await answer(adId, call), { redirectUrl: "/" }),
  });
  const noTokens = () =>
    Promise.resolve({ keys: new Map(), revokedTokenIds: new Set<string>(), cutoffsMs: new Map() });
  const verifier = new TokenVerifier(systemClock, noTokens);
  const dispatcher = new Dispatcher({ service: "ad", clock: systemClock, log: silentLog, verifier });
  const services = [{ bound, dispatcher }];
  const server = await openGrpcServer({
    host,
    port,
    services,
    serviceKey,
    connectionAgeMs,
    clock: systemClock,
  });
  let isOpen = true;
  const close = async (graceMs: number) => {
    if (isOpen) await server.close(graceMs);
    isOpen = false;
  };
  closers.push(() => close(0));
  return { port: server.port, close };
}

function openCaller(url: string, { patienceMs = 2_000, compression = "none" as "none" | "gzip" } = {}) {
  const way = new GrpcWay({ url, clock: systemClock, compression });
  const guard = new NeighbourGuard({
    caller: "checkout",
    neighbour: "ad",
    clock: systemClock,
    log: silentLog,
    knock: (timeoutMs) => way.isAlive(timeoutMs),
    dialAnew: () => way.dialAnew(),
  });
  closers.push(() => (guard.close(), way.close()));
  const common = { url, caller: "checkout", serviceKey, clock: systemClock, patienceMs };
  return { ...createGrpcClient(AdService, { ...common, neighbour: { way, guard } }), guard };
}

/** A port in front of another one, which counts the connections that are made to it. */
async function openDoor(port: number) {
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

test("connections end while calls are made, and no call fails or is done twice for it", async () => {
  const done: string[] = [];
  const replica = await openReplica((id) => Promise.resolve(done.push(id)), { connectionAgeMs: 150 });
  const door = await openDoor(replica.port);
  const { client } = openCaller(`127.0.0.1:${door.port}`);
  const asked: string[] = [];
  const work = async (worker: number) => {
    for (let count = 0; door.connections() < 10; count += 1) {
      const adId = `${worker}-${count}`;
      asked.push(adId);
      await client.recordClick({ adId });
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(work));
  assert.ok(asked.length > 100, `${asked.length} calls were made`);
  assert.deepEqual(done.toSorted(), asked.toSorted());
});

test("of two replicas the one that hangs is soon left out, and the breaker does not close the way to the other", async () => {
  const hangs = (_: string, { scope }: Call) => new Promise<void>((end) => void scope.onEnd(() => end()));
  const [well, ill] = [await openReplica(() => Promise.resolve()), await openReplica(hangs)];
  const url = `ipv4:127.0.0.1:${well.port},127.0.0.1:${ill.port}`;
  const { client, guard } = openCaller(url, { patienceMs: 300 });
  let inARow = 0;
  let failed = 0;
  const ask = async () => {
    const isWell = await client.getAds({}).then(
      () => true,
      () => false,
    );
    inARow = isWell ? inARow + 1 : 0;
    failed += isWell ? 0 : 1;
  };
  await eventually("the one that is well is connected", async () => (await ask(), inARow > 0));
  await eventually("fifty calls in a row are answered", async () => {
    await Promise.all([ask(), ask(), ask(), ask()]);
    assert.equal(guard.state.state, "closed");
    return inARow >= 50;
  });
  assert.ok(failed > 0 && failed < 80, `${failed} calls failed until then`);
});

test("new addresses of a name are used and old ones left within seconds, without a failed call", async () => {
  const seen = { first: 0, second: 0 };
  const lookup = dns.promises.lookup;
  closers.push(() => (dns.promises.lookup = lookup));
  let addresses = ["127.0.0.1"];
  dns.promises.lookup = (() =>
    Promise.resolve(addresses.map((address) => ({ address, family: 4 })))) as unknown as typeof lookup;
  const first = await openReplica(() => Promise.resolve((seen.first += 1)), { connectionAgeMs: 500 });
  const { port } = first;
  const { client } = openCaller(`dns:///ads.shop.internal:${port}`);
  await client.getAds({});
  await openReplica(() => Promise.resolve((seen.second += 1)), {
    host: "127.0.0.2",
    port,
    connectionAgeMs: 500,
  });
  addresses = ["127.0.0.1", "127.0.0.2"];
  await eventually("both are asked", async () => {
    await client.recordClick({ adId: "1" });
    return seen.second > 5;
  });
  addresses = ["127.0.0.2"];
  await eventually("only the second is asked", async () => {
    const before = seen.first;
    for (let count = 0; count < 10; count += 1) await client.recordClick({ adId: "1" });
    return seen.first === before;
  });
  await first.close(1_000);
  for (let count = 0; count < 10; count += 1) await client.recordClick({ adId: "1" });
});

test("a replica that ends in good order takes no call with it", async () => {
  const done: string[] = [];
  const answer = (id: string) => systemClock.sleep(5).then(() => done.push(id));
  const [first, second] = [await openReplica(answer), await openReplica(answer)];
  const { client } = openCaller(`ipv4:127.0.0.1:${first.port},127.0.0.1:${second.port}`);
  const asked: string[] = [];
  let isOver = false;
  const work = async (worker: number) => {
    for (let count = 0; !isOver; count += 1) {
      const adId = `${worker}-${count}`;
      asked.push(adId);
      await client.recordClick({ adId });
    }
  };
  const works = [1, 2, 3, 4, 5, 6].map(work);
  await eventually("calls are made", () => done.length > 50);
  await first.close(5_000);
  const then = done.length;
  await eventually("calls go on", () => done.length > then + 50);
  isOver = true;
  await Promise.all(works);
  assert.deepEqual(done.toSorted(), asked.toSorted());
});

test("nobody is asked twice by a call that found no connection, and it says that it was not sent", async () => {
  const replica = await openReplica(() => Promise.resolve());
  await replica.close(0);
  const { client } = openCaller(`127.0.0.1:${replica.port}`);
  const refused = await client.recordClick({ adId: "1" }).catch((error: unknown) => error);
  assert.ok(refused instanceof AppError);
  assert.equal(refused.reason, "NEIGHBOUR_UNAVAILABLE");
  assert.ok(wasNotSent(refused));
});

test("requests are compressed where the setting says so, and only there", async () => {
  const encodings: unknown[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    encodings.push(headers["grpc-encoding"]);
    stream.on("error", () => undefined);
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": 5 },
      { endStream: true },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  const url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const contextKeys = ["kitchen ".repeat(100)];
  await assert.rejects(openCaller(url).client.getAds({ contextKeys }), AppError);
  await assert.rejects(openCaller(url, { compression: "gzip" }).client.getAds({ contextKeys }), AppError);
  assert.deepEqual(encodings, [undefined, "gzip"]);
  const replica = await openReplica((key) => Promise.resolve(encodings.push(key)));
  await openCaller(`127.0.0.1:${replica.port}`, { compression: "gzip" }).client.getAds({ contextKeys });
  assert.equal(encodings.at(-1), contextKeys[0]);
});

test("a message that is too large does not leave, and says so", async () => {
  const replica = await openReplica(() => assert.fail("It must not arrive."));
  const { client, guard } = openCaller(`127.0.0.1:${replica.port}`);
  const refused = await client
    .recordClick({ adId: "a".repeat(5 * 1024 * 1024) })
    .catch((error: unknown) => error);
  assert.ok(refused instanceof AppError);
  assert.equal(refused.kind, "too_large");
  assert.equal(guard.state.state, "closed");
});
