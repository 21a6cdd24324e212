import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openLinkProxy, type LinkProxy } from "./link-proxy.ts";

/** Answers what it is sent, and remembers it. */
const heard: string[] = [];
const echo = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (bytes) => {
    heard.push(bytes.toString("latin1"));
    socket.write(bytes);
  });
});
let link: LinkProxy;

before(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  link = await openLinkProxy({ target: { port: (echo.address() as AddressInfo).port } });
});
after(async () => {
  await link.close();
  echo.close();
});

interface Caller {
  readonly socket: Socket;
  said(): string;
  /** Why the connection ended; undefined while it has not. */
  fate(): string | undefined;
  ask(text: string): void;
}

async function call(port = link.port): Promise<Caller> {
  const socket = connect(port, "127.0.0.1");
  let said = "";
  let fate: string | undefined;
  socket.on("data", (bytes) => (said += bytes.toString("latin1")));
  socket.on("error", (error: NodeJS.ErrnoException) => (fate = error.code));
  socket.on("close", () => (fate ??= "closed"));
  await once(socket, "connect").catch(() => undefined);
  return { socket, said: () => said, fate: () => fate, ask: (text) => void socket.write(text) };
}

async function callAndAsk(text: string, port = link.port): Promise<Caller> {
  const caller = await call(port);
  caller.ask(text);
  await eventually("the answer is there", () => caller.said() === text);
  return caller;
}

/** What was sent before by another link would have arrived by then. */
async function untilAGoodLinkHasAnswered(): Promise<void> {
  const good = await openLinkProxy({ target: { port: (echo.address() as AddressInfo).port } });
  (await callAndAsk("good", good.port)).socket.destroy();
  await good.close();
}

test("a link without a fault carries everything both ways, and the end of it", async () => {
  await link.set({ kind: "none" });
  const much = "0123456789".repeat(100_000);
  const caller = await callAndAsk(much);
  caller.socket.end();
  await eventually("the connection has ended", () => caller.fate() === "closed");
  await eventually("nothing is left open", () => link.connections === 0);
});

test("a slow link is late in each direction and can do only so much", async () => {
  await link.set({ kind: "slow", latencyMs: 40, bytesPerSecond: 20_000 });
  const beganMs = systemClock.monotonicMs();
  const caller = await callAndAsk("x".repeat(4_000));
  const tookMs = systemClock.monotonicMs() - beganMs;
  assert.ok(tookMs >= 2 * 40 + 150, `${tookMs} ms`);
  caller.socket.destroy();
});

test("a slow link carries many things at once, each late by as much", async () => {
  await link.set({ kind: "slow", latencyMs: 100 });
  const caller = await call();
  const beganMs = systemClock.monotonicMs();
  for (let time = 0; time < 20; time += 1) {
    caller.ask(String(time % 10));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually("all is answered", () => caller.said() === "01234567890123456789");
  const tookMs = systemClock.monotonicMs() - beganMs;
  assert.ok(tookMs >= 200 && tookMs < 1_500, `${tookMs} ms`);
  caller.socket.destroy();
});

test("a cut link closes what is open and refuses what is new, and is itself again on the same port", async () => {
  await link.set({ kind: "none" });
  const { port } = link;
  const open = await callAndAsk("before");
  await link.set({ kind: "cut" });
  await eventually("the connection is closed", () => open.fate() !== undefined);
  const refused = await call();
  await eventually("it is refused", () => refused.fate() === "ECONNREFUSED");
  await link.set({ kind: "none" });
  assert.equal(link.port, port);
  (await callAndAsk("after")).socket.destroy();
});

test("a reset link resets what is open at once, and a new connection in the middle of an answer", async () => {
  await link.set({ kind: "none" });
  const open = await callAndAsk("before");
  await link.set({ kind: "reset", afterBytes: 4 });
  await eventually("the connection is reset", () => open.fate() === "ECONNRESET");
  const fresh = await call();
  fresh.ask("0123456789");
  await eventually("the new connection is reset", () => fresh.fate() === "ECONNRESET");
  assert.ok("0123".startsWith(fresh.said()), fresh.said());
  assert.ok(heard.includes("0123456789"), "the request had arrived");
});

test("a half-open link takes connections and says nothing until the fault ends; then all that was sent arrives", async () => {
  await link.set({ kind: "none" });
  const open = await callAndAsk("before");
  await link.set({ kind: "half-open" });
  open.ask("-meanwhile");
  const fresh = await call();
  fresh.ask("new");
  await untilAGoodLinkHasAnswered();
  assert.equal(open.said(), "before");
  assert.equal(heard.includes("new"), false);
  await link.set({ kind: "none" });
  await eventually(
    "what was held arrives",
    () => open.said() === "before-meanwhile" && fresh.said() === "new",
  );
  for (const caller of [open, fresh]) caller.socket.destroy();
});

test("a side that leaves a half-open link is missed by the other only when the fault ends", async () => {
  await link.set({ kind: "none" });
  const open = await callAndAsk("before");
  await link.set({ kind: "half-open" });
  open.socket.destroy();
  await eventually("it has left", () => open.fate() !== undefined);
  assert.equal(link.connections, 1);
  await link.set({ kind: "none" });
  await eventually("the other side knows", () => link.connections === 0);
});

test("garbage goes both ways instead of what was sent, and such a connection does not outlive the fault", async () => {
  await link.set({ kind: "none" });
  const open = await callAndAsk("before");
  await link.set({ kind: "garbage" });
  await eventually("nonsense arrives unasked", () => open.said().length > "before".length);
  const fresh = await call();
  fresh.ask("a question that nobody reads");
  await eventually("nonsense is answered", () => fresh.said().length >= 28);
  assert.equal(heard.includes("a question that nobody reads"), false);
  await link.set({ kind: "none" });
  await eventually("they are reset", () => open.fate() === "ECONNRESET" && fresh.fate() === "ECONNRESET");
  (await callAndAsk("after")).socket.destroy();
});

for (const lost of ["there", "back"] as const)
  test(`a link that is one-way and loses what goes ${lost} carries the other direction`, async () => {
    await link.set({ kind: "one-way", lost });
    const caller = await call();
    const question = `a question ${lost}`;
    caller.ask(question);
    if (lost === "back") await eventually("the request arrives", () => heard.includes(question));
    await untilAGoodLinkHasAnswered();
    assert.equal(heard.includes(question), lost === "back");
    assert.equal(caller.said(), "");
    await link.set({ kind: "none" });
    await eventually("the answer is there", () => caller.said() === question);
    caller.socket.destroy();
  });
