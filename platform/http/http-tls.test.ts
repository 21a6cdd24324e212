import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { after, it } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import type { Identity } from "#platform/tls/certificate.ts";
import { rereadMs } from "#platform/tls/certificate-files.ts";
import { HttpPool, readBody } from "./http-pool.ts";
import { openHttpTls, type HttpTls } from "./http-tls.ts";
import { Senders } from "./sender.ts";
import { createHttpServer, listen } from "./server.ts";

const authority = testAuthority();

function openTls(environment: Environment, clock = new TestClock(systemClock.now())) {
  const settings = readConfig(PlatformConfig, environment);
  const options = { settings, host: "127.0.0.1", url: "https://shop.example", clock, log: silentLog };
  const tls = openHttpTls(options);
  assert.ok(tls);
  after(() => tls.close());
  return { tls, clock };
}

function supplied(identity: Identity = authority.sign()) {
  const folder = testFolder();
  const environment = {
    HTTP_TLS: "on",
    HTTP_TLS_CERT: folder.write("cert.pem", identity.cert),
    HTTP_TLS_KEY: folder.write("key.pem", identity.key),
  };
  return { folder, environment, ...openTls(environment) };
}

async function openServer(tls: HttpTls | undefined, host = "127.0.0.1") {
  const state = { isDraining: false };
  const app = createHttpServer({ service: "shop", log: silentLog, tls, isDraining: () => state.isDraining });
  after(async () => await app.close());
  const senders = new Senders({ proxies: "", serviceKey: "k", clock: systemClock });
  app.get("/scheme", (request, reply) => reply.send({ scheme: senders.of(request).scheme }));
  app.post("/echo", (request, reply) => reply.send(request.body));
  return { app, state, port: await listen(app, host, 0) };
}

/** A request over a connection of its own, as the services of the shop make them. */
async function ask(url: string, tls: HttpTls | undefined): Promise<string> {
  const pool = new HttpPool({ url, tls, connectionsMax: 1 });
  try {
    return String(await readBody(await pool.request({ method: "GET", path: new URL(url).pathname })));
  } finally {
    pool.close();
  }
}

async function shakeHands(port: number, options: ConnectionOptions) {
  const socket = connect({ port, host: "127.0.0.1", ca: authority.cert, ...options });
  await once(socket, "secureConnect");
  after(() => socket.destroy());
  return socket;
}

it("a listener with a certificate speaks TLS 1.3 only, and requests come over https", async () => {
  const { tls } = supplied();
  const { port } = await openServer(tls);
  const socket = await shakeHands(port, {});
  assert.equal(socket.getProtocol(), "TLSv1.3");
  socket.write("GET /scheme HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 200[^]*\{"scheme":"https"\}$/);
  await assert.rejects(shakeHands(port, { maxVersion: "TLSv1.2" }), /protocol version/);
  const { tls: believing } = openTls({ HTTP_TLS_CA: testFolder().write("ca.pem", authority.cert) });
  const pool = new HttpPool({ url: `https://localhost:${port}`, tls: believing, connectionsMax: 1 });
  after(() => pool.close());
  const body = JSON.stringify({ text: "x".repeat(60_000) });
  const headers = { "content-type": "application/json" };
  const echo = await pool.request({ method: "POST", path: "/echo", body, headers });
  assert.equal(String(await readBody(echo)), body);
});

it("plain HTTP to such a port is answered with a sentence, whatever name the host has", async () => {
  const { tls } = supplied();
  for (const host of ["127.0.0.1", "localhost"]) {
    const { port } = await openServer(tls, host);
    const answer = await fetch(`http://127.0.0.1:${port}/scheme`);
    assert.equal(answer.status, 400);
    assert.match(((await answer.json()) as { detail: string }).detail, /speaks HTTPS only/);
  }
});

it("who never says anything holds no listener that closes", async () => {
  const { tls } = supplied();
  const { app, port } = await openServer(tls);
  const [silent, half] = [connectTcp(port, "127.0.0.1"), connectTcp(port, "127.0.0.1")];
  await Promise.all([once(silent, "connect"), once(half, "connect")]);
  half.write(Buffer.from([0x16, 3, 1, 2, 0]));
  const ended = Promise.all([silent, half].map(async (socket) => await once(socket.resume(), "close")));
  await ask(`https://localhost:${port}/scheme`, tls);
  const startedMs = systemClock.monotonicMs();
  await app.close();
  await ended;
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
});

it("closing answers the request under way and ends connections that are idle", async () => {
  const { tls } = supplied();
  const { app, state, port } = await openServer(tls);
  const [busy, idle, last] = await Promise.all([
    shakeHands(port, {}),
    shakeHands(port, {}),
    shakeHands(port, {}),
  ]);
  const head =
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
  idle.write(`${head}{}`);
  await once(idle, "data");
  state.isDraining = true;
  busy.write(head);
  // What came before it on another connection has arrived too.
  last.write(`${head}{}`);
  await once(last, "data");
  const closed = app.close();
  const ended = once(idle.resume(), "close");
  const answered = once(busy, "data");
  busy.write("{}");
  const [answer] = (await answered) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 200/);
  await Promise.all([ended, closed]);
});

it("a new certificate is shown to new connections; those that stand go on", async () => {
  const { tls, folder, clock } = supplied(authority.sign("first"));
  const { port } = await openServer(tls);
  const standing = await shakeHands(port, {});
  const subject = async () => (await shakeHands(port, {})).getPeerCertificate().subject.CN;
  assert.equal(await subject(), "first");
  const { cert, key } = authority.sign("second");
  folder.write("key.pem", key);
  clock.advance(rereadMs);
  assert.equal(await subject(), "first", "the key alone is not taken");
  folder.write("cert.pem", cert);
  clock.advance(rereadMs);
  assert.equal(await subject(), "second");
  standing.write("GET /scheme HTTP/1.1\r\nHost: x\r\n\r\n");
  const [answer] = (await once(standing, "data")) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 200/);
});

it("services of the shop believe their own certificate under any name, and others only if an authority vouches for the name", async () => {
  const far = supplied(authority.sign("far", ["far.example"]));
  const { port } = await openServer(far.tls);
  const url = `https://127.0.0.1:${port}/scheme`;
  assert.equal(await ask(url, far.tls), '{"scheme":"https"}', "it calls itself");
  const other = supplied();
  const unbelieved = { code: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/ };
  await assert.rejects(ask(url, other.tls), unbelieved);
  await assert.rejects(ask(url, undefined), unbelieved);
  const ca = testFolder();
  const { tls: believing, clock } = openTls({ HTTP_TLS_CA: ca.write("ca.pem", authority.cert) });
  assert.equal(believing.isEncrypted, false);
  await assert.rejects(ask(url, believing), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  const near = await openServer(other.tls);
  const nearUrl = `https://127.0.0.1:${near.port}/scheme`;
  assert.equal(await ask(nearUrl, believing), '{"scheme":"https"}');
  const pool = new HttpPool({ url: nearUrl, tls: believing, connectionsMax: 1 });
  after(() => pool.close());
  const status = async () => {
    const headers = { connection: "close" };
    const answer = await pool.request({ method: "GET", path: "/scheme", headers });
    await readBody(answer);
    return answer.statusCode;
  };
  assert.equal(await status(), 200);
  ca.write("ca.pem", testAuthority("a new one").cert);
  clock.advance(rereadMs);
  await assert.rejects(status(), unbelieved);
});

it("a self-made certificate is enough for a shop to speak TLS with itself", async () => {
  const STOA_DATA = testFolder().path("data");
  const { tls } = openTls({ HTTP_TLS: "self-made", STOA_DATA });
  const { port } = await openServer(tls);
  assert.equal(await ask(`https://127.0.0.1:${port}/scheme`, tls), '{"scheme":"https"}');
  const { tls: again } = openTls({ HTTP_TLS: "self-made", STOA_DATA });
  assert.equal(await ask(`https://127.0.0.1:${port}/scheme`, again), '{"scheme":"https"}');
  const socket = await shakeHands(port, { rejectUnauthorized: false });
  assert.match(socket.getPeerCertificate().subjectaltname ?? "", /DNS:shop\.example/);
});
