import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { X509Certificate } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { after, it } from "node:test";
import { connect, type ConnectionOptions } from "node:tls";
import { once } from "node:events";
import { Client as GrpcChannel, credentials, type ChannelCredentials } from "@grpc/grpc-js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { createHttpServer, listen } from "#platform/http/server.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { AppError } from "#platform/kit/errors.ts";
import { createLogger, silentLog } from "#platform/telemetry/log.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import type { Identity } from "#platform/tls/certificate.ts";
import { rereadMs } from "#platform/tls/certificate-files.ts";
import { TlsConfig } from "#platform/tls/tls-config.ts";
import { bindRpcs } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createGrpcClient } from "./grpc-client.ts";
import { openGrpcFront } from "./grpc-front.ts";
import { openHealthProbe } from "./grpc-health.ts";
import { openGrpcServer } from "./grpc-server.ts";
import { openGrpcTls, type GrpcTls } from "./grpc-tls.ts";
import { shareWithGrpc } from "./port-for-both.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";
const verifier = new TokenVerifier(systemClock, () => Promise.reject(new Error("Nobody has a token here.")));
const dispatcher = new Dispatcher({ service: "ad", clock: systemClock, log: silentLog, verifier });
let onSlowClick: ((value: unknown) => void) | undefined;
let endSlowClick: (() => void) | undefined;
const bound = bindRpcs(AdService, undefined, {
  getAds: (_ctx, _request, call) => Promise.resolve({ ads: [{ text: call.service ?? "" }] }),
  recordClick: () =>
    new Promise((resolve) => {
      endSlowClick = () => resolve({});
      onSlowClick?.(undefined);
    }),
});
const authority = testAuthority("ours");
const stranger = testAuthority("a stranger's");

interface Side {
  readonly mode?: "on" | "mutual";
  readonly identity?: Identity;
  readonly ca?: string;
  readonly clock?: Clock;
  readonly told?: string[];
}

/** TLS of one side, with files of its own. */
function sideOf({ mode = "mutual", identity = authority.sign(), ca = authority.cert, ...rest }: Side = {}) {
  const folder = testFolder();
  const settings = readConfig(TlsConfig, {
    GRPC_TLS: mode,
    GRPC_TLS_CERT: folder.write("cert.pem", identity.cert),
    GRPC_TLS_KEY: folder.write("key.pem", identity.key),
    GRPC_TLS_CA: folder.write("ca.pem", ca),
  });
  const { clock = systemClock, told = [] } = rest;
  const log = createLogger({ level: "info", format: "json" }, (line) => told.push(line));
  const tls = openGrpcTls({ settings, clock, log });
  assert.ok(tls);
  after(() => tls.close());
  return { tls, folder };
}

async function openServer(tls: GrpcTls | undefined) {
  const common = { host: "127.0.0.1", port: 0, serviceKey, clock: systemClock };
  const server = await openGrpcServer({ ...common, services: [{ bound, dispatcher }], tls });
  server.setServing(true);
  after(async () => await server.close(1_000));
  return server;
}

function clientOf(port: number, tls: GrpcTls | undefined, host = "127.0.0.1") {
  const options = { url: `${host}:${port}`, caller: "cart", serviceKey, clock: systemClock, tls };
  const { client, close } = createGrpcClient(AdService, options);
  after(close);
  return client;
}

/** Why a call does not arrive. */
async function refusalOf(port: number, tls: GrpcTls | undefined, host?: string): Promise<string> {
  return await clientOf(port, tls, host)
    .getAds({}, { timeoutMs: 5_000 })
    .then(
      () => assert.fail("The call should not have arrived."),
      (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.kind, "unavailable");
        return String(error.cause);
      },
    );
}

/** The common name that a new connection is shown. */
async function shownTo(port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", ca: authority.cert, ALPNProtocols: ["h2"], ...options });
  await once(socket, "secureConnect");
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return new X509Certificate(raw).subject;
}

/** A plain client of gRPC, as others write one. */
async function checkHealth(port: number, channelCredentials: ChannelCredentials): Promise<string> {
  const channel = new GrpcChannel(`localhost:${port}`, channelCredentials);
  const asIs = (bytes: Buffer) => bytes;
  const deadline = systemClock.now().getTime() + 5_000;
  const path = "/grpc.health.v1.Health/Check";
  const said = await new Promise<string>((resolve) =>
    channel.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), { deadline }, (error, answer) =>
      resolve(error ? error.details : (answer?.toString("hex") ?? "")),
    ),
  );
  channel.close();
  return said;
}

it("calls, health and the front door go over TLS, to a name as to an address", async () => {
  for (const mode of ["on", "mutual"] as const) {
    const { tls } = sideOf({ mode });
    const { port } = await openServer(tls);
    for (const host of ["127.0.0.1", "localhost"])
      assert.equal((await clientOf(port, tls, host).getAds({})).ads[0]?.text, "cart");
    const probe = openHealthProbe(`localhost:${port}`, systemClock, tls);
    assert.equal(await probe.isServing(5_000), true);
    probe.close();
    const front = await openGrpcFront({
      host: "127.0.0.1",
      port: 0,
      contracts: [{ descriptor: AdService, url: `127.0.0.1:${port}` }],
      clock: systemClock,
      serviceKey,
      log: silentLog,
      tls,
    });
    after(async () => await front.close(1_000));
    // Nobody proves to be a service from outside.
    assert.equal((await clientOf(front.port, tls).getAds({})).ads[0]?.text, "");
    assert.match(await refusalOf(front.port, undefined), /speaks gRPC over TLS only/);
  }
});

it("a server of another authority is refused, and one that was meant for another host", async () => {
  const { port } = await openServer(sideOf({ mode: "on" }).tls);
  const told: string[] = [];
  const doubtful = sideOf({ mode: "on", ca: stranger.cert, told }).tls;
  assert.match(await refusalOf(port, doubtful), /TLS handshake with 127\.0\.0\.1 failed: .*certificate/);
  const lines = told.filter((line) => /connection to 127\.0\.0\.1 came to nothing .*certificate/.test(line));
  assert.equal(lines.length, 1, told.join(""));
  const elsewhere = await openServer(
    sideOf({ mode: "on", identity: authority.sign("far", ["far.example"]) }).tls,
  );
  assert.match(await refusalOf(elsewhere.port, sideOf({ mode: "on" }).tls), /IP: 127\.0\.0\.1/);
  assert.match(await refusalOf(elsewhere.port, sideOf({ mode: "on" }).tls, "localhost"), /localhost/);
});

it("under mutual TLS a caller without a certificate is refused, and one of another authority; the log says why", async () => {
  const told: string[] = [];
  const { port } = await openServer(sideOf({ told }).tls);
  const foreign = sideOf({ identity: stranger.sign() }).tls;
  await refusalOf(port, foreign);
  await eventually("the refusal is in the log", () => told.join("").includes("came to nothing"));
  assert.match(told.join(""), /came to nothing in its TLS handshake: .*GRPC_TLS is mutual/);
  const withoutOne = credentials.createSsl(Buffer.from(authority.cert));
  assert.doesNotMatch(await checkHealth(port, withoutOne), /^0801$/);
  const open = await openServer(sideOf({ mode: "on" }).tls);
  assert.equal(await checkHealth(open.port, withoutOne), "0801");
});

it("a certificate that has ended is refused by either side", async () => {
  const nowMs = systemClock.now().getTime();
  const ended = authority.sign("ended", undefined, { notAfter: new Date(nowMs - 1_000) });
  // It was good when the process began.
  const before = new TestClock(new Date(nowMs - 600_000));
  const late = sideOf({ identity: ended, clock: before }).tls;
  const { port } = await openServer(late);
  assert.match(await refusalOf(port, sideOf().tls), /certificate has expired/);
  const told: string[] = [];
  const strict = await openServer(sideOf({ told }).tls);
  await refusalOf(strict.port, late);
  await eventually("the refusal is in the log", () => told.join("").includes("CERT_HAS_EXPIRED"));
});

it("plaintext meets a sentence at a port with TLS, TLS one at a port without, and TLS 1.2 nothing at all", async () => {
  const { tls } = sideOf();
  const secure = await openServer(tls);
  assert.match(await refusalOf(secure.port, undefined), /speaks gRPC over TLS only; set GRPC_TLS/);
  assert.match(await checkHealth(secure.port, credentials.createInsecure()), /over TLS only/);
  const plain = await openServer(undefined);
  assert.match(await refusalOf(plain.port, tls), /TLS handshake with 127\.0\.0\.1 failed/);
  const { cert, key } = authority.sign();
  await assert.rejects(shownTo(secure.port, { cert, key, maxVersion: "TLSv1.2" }), /protocol version/);
  assert.equal(await shownTo(secure.port, { cert, key }), "CN=leaf");
});

it("the operations port speaks gRPC over TLS beside plain HTTP, and never in plaintext", async () => {
  const { tls } = sideOf();
  const grpc = await openServer(tls);
  const app = createHttpServer({ service: "operations", log: silentLog });
  after(async () => await app.close());
  app.get("/ready", (_request, reply) => reply.send({ status: "ready" }));
  const port = await listen(app, "127.0.0.1", 0);
  shareWithGrpc(app.server, grpc);
  assert.equal((await clientOf(port, tls).getAds({})).ads[0]?.text, "cart");
  assert.equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 200);
  assert.match(await refusalOf(port, undefined), /over TLS only/);
});

it("the drain answers the call under way, and ends connections that stand and those that never spoke", async () => {
  const { tls } = sideOf();
  const server = await openServer(tls);
  const client = clientOf(server.port, tls);
  const silent = connectTcp(server.port, "127.0.0.1");
  await once(silent, "connect");
  const silentEnd = once(silent.resume(), "close");
  const begun = new Promise((resolve) => (onSlowClick = resolve));
  const answer = client.recordClick({});
  await begun;
  const startedMs = systemClock.monotonicMs();
  const closed = server.close(5_000);
  endSlowClick?.();
  await Promise.all([answer, closed, silentEnd]);
  assert.ok(systemClock.monotonicMs() - startedMs < 3_000);
  await assert.rejects(client.getAds({}, { timeoutMs: 500 }));
});

it("a whole authority is exchanged while calls go on: none fails, standing connections stay, new ones get what is new", async () => {
  const clock = new TestClock(systemClock.now());
  const next = testAuthority("the next one");
  const { tls, folder } = sideOf({ identity: authority.sign("first"), clock });
  const { port } = await openServer(tls);
  const first = authority.sign();
  const standing = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.cert, ...first });
  after(() => standing.destroy());
  const ask = async () => {
    const stream = standing.request({
      ":method": "POST",
      ":path": "/x/Y",
      "content-type": "application/grpc",
    });
    const [headers] = (await once(stream.end(), "response")) as [{ "grpc-status"?: string }];
    return headers["grpc-status"];
  };
  assert.equal(await ask(), "12");

  const client = clientOf(port, tls);
  let calls = 0;
  let isOver = false;
  after(() => (isOver = true));
  const calling = (async () => {
    for (; !isOver; calls += 1) await client.getAds({});
  })();
  const change = async (files: { [name: string]: string }) => {
    for (const [name, text] of Object.entries(files)) folder.write(name, text);
    clock.advance(rereadMs);
    // A process that is started now has the newest files too; channels would use the connection that stands.
    const { port: other } = await openServer(tls);
    assert.equal((await clientOf(other, tls).getAds({})).ads[0]?.text, "cart");
    const sofar = calls;
    await eventually("calls go on", () => calls > sofar + 5);
  };
  await change({ "ca.pem": authority.cert + next.cert });
  const { cert, key } = next.sign("second");
  await change({ "cert.pem": cert, "key.pem": key });
  assert.equal(await shownTo(port, { ca: next.cert, ...next.sign() }), "CN=second");
  await change({ "ca.pem": next.cert });
  isOver = true;
  await calling;
  assert.equal(await ask(), "12");
  const refused = connectHttp2(`https://127.0.0.1:${port}`, { ca: next.cert, ...first });
  refused.on("error", () => undefined);
  refused.once("remoteSettings", () => assert.fail("The old authority still counts."));
  await once(refused, "close");
});

it("files in the middle of being replaced are not taken, and the log says it once", async () => {
  const clock = new TestClock(systemClock.now());
  const told: string[] = [];
  const { tls, folder } = sideOf({ mode: "on", identity: authority.sign("old"), clock, told });
  const { port } = await openServer(tls);
  const { cert, key } = authority.sign("new");
  folder.write("cert.pem", cert);
  for (let count = 0; count < 3; count += 1) clock.advance(rereadMs);
  assert.equal(await shownTo(port), "CN=old");
  assert.equal((await clientOf(port, tls).getAds({})).ads.length, 1);
  const lines = () => told.filter((line) => line.includes("does not belong to the certificate"));
  assert.equal(lines().length, 1);
  assert.match(lines()[0] ?? "", /GRPC_TLS_KEY .*key\.pem.*GRPC_TLS_CERT .*cert\.pem/);
  folder.write("key.pem", key);
  clock.advance(rereadMs);
  assert.equal(await shownTo(port), "CN=new");
});
