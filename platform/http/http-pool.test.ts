import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcp, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { after, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { HttpPool, passOver, readBody, type HttpPoolOptions } from "./http-pool.ts";

const closers: (() => unknown)[] = [];
after(() => {
  for (const close of closers.reverse()) close();
});

async function openPool(server: TcpServer, options: Partial<HttpPoolOptions> = {}) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = new HttpPool({ url, tls: undefined, connectionsMax: 4, ...options });
  closers.push(() => (pool.close(), server.close()));
  return pool;
}

/** Answers `answer`; tells how many connections there were. */
async function openServer(answer: RequestListener, options: Partial<HttpPoolOptions> = {}) {
  const server = createServer(answer);
  let connections = 0;
  server.on("connection", () => (connections += 1));
  closers.push(() => server.closeAllConnections());
  return { pool: await openPool(server, options), connections: () => connections };
}

/** Says these bytes to every connection, and nothing more. */
async function openSaying(text: string, options: Partial<HttpPoolOptions> = {}) {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.resume().write(text);
  });
  closers.push(() => sockets.forEach((socket) => socket.destroy()));
  return await openPool(server, options);
}

const get = { method: "GET", path: "/" };
const failure = (code: string) => (error: unknown) => (error as { code?: unknown }).code === code;

test("requests one after the other share a connection, those at once get one each up to the limit, and the others wait", async () => {
  const waiting: (() => void)[] = [];
  const { pool, connections } = await openServer(
    (request, response) => {
      if (request.url === "/now") response.end("now");
      else waiting.push(() => response.end("later"));
    },
    { connectionsMax: 2 },
  );
  for (let count = 0; count < 3; count += 1)
    assert.equal(String(await readBody(await pool.request({ method: "GET", path: "/now" }))), "now");
  assert.equal(connections(), 1);
  const answers = Array.from({ length: 3 }, async () => String(await readBody(await pool.request(get))));
  await eventually("two requests have arrived", () => waiting.length === 2);
  for (let count = 0; count < 3; count += 1) {
    await eventually("one waits for its answer", () => waiting.length > 0);
    waiting.shift()?.();
  }
  assert.deepEqual(await Promise.all(answers), ["later", "later", "later"]);
  assert.equal(connections(), 2);
});

test("a body arrives whole and framed, whichever the method and the form of it", async () => {
  const { pool } = await openServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    const { "content-length": length, "transfer-encoding": coding } = request.headers;
    request.on("end", () => response.end(JSON.stringify({ text, length, coding })));
  });
  const echo = async (method: string, body: Parameters<HttpPool["request"]>[0]["body"], headers = {}) =>
    JSON.parse(String(await readBody(await pool.request({ method, path: "/", body, headers })))) as unknown;
  for (const method of ["POST", "DELETE", "GET"]) {
    assert.deepEqual(await echo(method, "größe"), { text: "größe", length: "7" });
    assert.deepEqual(await echo(method, new Uint8Array([65, 66])), { text: "AB", length: "2" });
    assert.deepEqual(await echo(method, Readable.from(["one", "two"])), {
      text: "onetwo",
      coding: "chunked",
    });
    const known = await echo(method, Readable.from(["one"]), { "content-length": "3" });
    assert.deepEqual(known, { text: "one", length: "3" });
  }
  assert.deepEqual(await echo("POST", undefined), { text: "", length: "0" });
});

test("the signal ends a request that waits for its answer, for a connection, or for the rest of its answer, with its reason", async () => {
  const pool = await openSaying("", { connectionsMax: 1 });
  const ends = [new AbortController(), new AbortController()];
  const [first, second] = ends.map(({ signal }) => pool.request({ ...get, signal }));
  ends[1]?.abort(new Error("given up in the queue"));
  await assert.rejects(second ?? Promise.resolve(), /given up in the queue/);
  ends[0]?.abort(new Error("given up waiting"));
  await assert.rejects(first ?? Promise.resolve(), /given up waiting/);
  await assert.rejects(pool.request({ ...get, signal: AbortSignal.abort(new Error("before")) }), /before/);
  const partly = await openSaying("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
  const end = new AbortController();
  const answer = await partly.request({ ...get, signal: end.signal });
  const reading = readBody(answer);
  end.abort(new Error("given up reading"));
  await assert.rejects(reading, /given up reading/);
});

test("an answer that stops in the middle is broken off, one whose reader is slow is not", async () => {
  const pool = await openSaying("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", { pauseMsMax: 50 });
  await assert.rejects(pool.request(get).then(readBody), failure("ANSWER_PAUSED"));
  const large = "x".repeat(1_000_000);
  const { pool: other } = await openServer((_, response) => response.end(large), { pauseMsMax: 100 });
  const slow = new PassThrough();
  const answer = await other.request(get);
  answer.once("error", (error) => slow.destroy(error)).pipe(slow);
  const startedMs = systemClock.monotonicMs();
  await eventually("several pauses have passed", () => systemClock.monotonicMs() - startedMs > 350);
  assert.equal((await slow.toArray()).join("").length, large.length);
});

test("a connection that breaks, bytes that are no HTTP and a port where nobody is are told apart by their codes", async () => {
  const breaking = await openPool(createTcp((socket) => socket.once("data", () => socket.destroy())));
  await assert.rejects(breaking.request(get), failure("ECONNRESET"));
  const cut = await openPool(
    createTcp((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")),
  );
  await assert.rejects(cut.request(get).then(readBody), failure("ECONNRESET"));
  const garbage = await openSaying("no HTTP at all\r\n\r\n");
  await assert.rejects(garbage.request(get), (error) =>
    String((error as { code?: unknown }).code).startsWith("HPE_"),
  );
  const gone = createTcp();
  const nobody = await openPool(gone);
  await new Promise((closed) => gone.close(closed));
  await assert.rejects(nobody.request(get), failure("ECONNREFUSED"));
});

test("closing ends what is under way and what waits", async () => {
  const pool = await openSaying("", { connectionsMax: 1 });
  const requests = [pool.request(get), pool.request(get)].map((request) =>
    assert.rejects(request, failure("ECONNABORTED")),
  );
  pool.close();
  await Promise.all(requests);
});

test("an answer that is passed over is over at its end, and broken off when it has none", async () => {
  const { pool, connections } = await openServer((request, response) => {
    if (request.url === "/short") return void response.end("short");
    const more = (error?: Error | null) => void (error ?? response.write("x".repeat(16_384), more));
    more();
  });
  await passOver(await pool.request({ method: "GET", path: "/short" }));
  const endless = await pool.request({ method: "GET", path: "/endless" });
  await passOver(endless);
  assert.equal(endless.destroyed, true);
  assert.equal(connections(), 1);
});

test("what is left of a body is left to its owner when the request fails", async () => {
  const pool = await openPool(createTcp((socket) => socket.once("data", () => socket.destroy())));
  const body = new PassThrough();
  body.write("begun");
  await assert.rejects(pool.request({ method: "POST", path: "/", body }), failure("ECONNRESET"));
  assert.equal(body.destroyed, false);
});
