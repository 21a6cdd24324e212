import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { it } from "node:test";
import { silentLog } from "#platform/telemetry/log.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { createHttpServer, drain, listen } from "./server.ts";

interface Peer {
  readonly socket: Socket;
  readonly closed: Promise<"end" | "reset">;
  heard: string;
}

async function openListener() {
  const state = { isDraining: false };
  const app = createHttpServer({ service: "test", log: silentLog, isDraining: () => state.isDraining });
  const gates: PromiseWithResolvers<void>[] = [];
  app.get("/slow", async () => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return { done: true };
  });
  app.get("/quick", () => Promise.resolve({ done: true }));
  const port = await listen(app, "127.0.0.1", 0);
  const peer = async (text = ""): Promise<Peer> => {
    const socket = connect(port, "127.0.0.1");
    const closed = Promise.withResolvers<"end" | "reset">();
    const made: Peer = { socket, closed: closed.promise, heard: "" };
    socket.on("data", (chunk: Buffer) => (made.heard += chunk.toString()));
    socket.on("error", () => closed.resolve("reset"));
    socket.on("close", () => closed.resolve("end"));
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    socket.write(text);
    return made;
  };
  const end = (graceMs: number) => {
    state.isDraining = true;
    return drain(app, graceMs);
  };
  return { peer, gates, end };
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const answered = async (peer: Peer, count: number) => {
  while ((peer.heard.match(/"done":true/g) ?? []).length < count)
    await new Promise((resolve) => peer.socket.once("data", resolve));
};

it("requests that began before are answered with Connection: close, fifty at once", async () => {
  const { peer, gates, end } = await openListener();
  const peers = await Promise.all(Array.from({ length: 50 }, () => peer(ask("/slow"))));
  while (gates.length < 50) await new Promise((resolve) => setImmediate(resolve));
  const ended = end(10_000);
  for (const gate of gates) gate.resolve();
  for (const one of peers) {
    assert.equal(await one.closed, "end");
    assert.match(one.heard, /^HTTP\/1.1 200 [\s\S]*connection: close/i);
  }
  await ended;
});

it("idle connections are closed at once, used or never used; a reused one is answered, not reset", async () => {
  const { peer, gates, end } = await openListener();
  const never = await peer();
  const [used, reused] = [await peer(ask("/quick")), await peer(ask("/quick"))];
  const held = await peer(ask("/slow"));
  while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([answered(used, 1), answered(reused, 1)]);
  assert.doesNotMatch(reused.heard, /connection: close/i);
  const startedMs = performance.now();
  const ended = end(10_000);
  // Its client was told that the connection stays, and has not heard otherwise.
  reused.socket.write(ask("/quick"));
  await answered(reused, 2);
  assert.match(reused.heard, /connection: close/i);
  assert.deepEqual(await Promise.all([never.closed, used.closed, reused.closed]), ["end", "end", "end"]);
  assert.ok(performance.now() - startedMs < 3_000, "while another request is still under way");
  // A page that is being made may still ask the API, over a new connection.
  const fresh = await peer(ask("/quick"));
  assert.equal(await fresh.closed, "end");
  assert.match(fresh.heard, /connection: close[\s\S]*"done":true/i);
  gates[0]?.resolve();
  await ended;
  assert.match(held.heard, /"done":true/);
});

it("what does not end is cut off when the time is over", async () => {
  const { peer, end } = await openListener();
  const hung = await peer(ask("/slow"));
  const halfSaid = await peer("GET /quick HTTP/1.1\r\nHost:");
  const startedMs = performance.now();
  await end(500);
  assert.ok(performance.now() - startedMs < 5_000);
  await Promise.all([hung.closed, halfSaid.closed]);
});

it("a connection that is kept gets an end with an answer after half a minute, so that new replicas are asked too", async () => {
  const clock = new TestClock();
  const app = createHttpServer({ service: "test", log: silentLog, clock });
  app.get("/quick", () => Promise.resolve({ done: true }));
  const socket = connect(await listen(app, "127.0.0.1", 0), "127.0.0.1");
  const peer: Peer = {
    socket,
    closed: new Promise((resolve) => socket.on("close", () => resolve("end"))),
    heard: "",
  };
  socket.on("data", (chunk: Buffer) => (peer.heard += chunk.toString()));
  for (let turn = 1; turn <= 3; turn += 1) {
    socket.write(ask("/quick"));
    await answered(peer, turn);
    assert.doesNotMatch(peer.heard, /connection: close/i);
    clock.advance(turn === 3 ? 20_000 : 9_000);
  }
  socket.write(ask("/quick"));
  await answered(peer, 4);
  assert.equal(await peer.closed, "end");
  assert.match(peer.heard, /connection: close/i);
  await drain(app, 1_000);
});
