import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { after, before, it } from "node:test";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { OwnProcess } from "#platform/operations/own-process.ts";
import { parsePlaces } from "#platform/operations/places.ts";
import type { ShopProcesses } from "#platform/operations/processes.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { startSpan, traceFrom, traceparentOf } from "#platform/telemetry/trace.ts";
import { readLines } from "./lines.ts";
import { readShop } from "./shop-report.ts";
import { readTrace, readTraces } from "./traces.ts";

const clock = systemClock;
const serviceKey = "a-key-that-only-tests-know-0123456789";
const program = new URL("../testing/told-process.ts", import.meta.url);
const config = {
  OPS_PROMETHEUS_URL: undefined,
  OPS_GRAFANA_URL: undefined,
  OPS_TRACES_URL: "https://traces.example.com/trace/{traceId}",
};

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
}

/** What `look` answers once it no longer throws. */
async function until<T>(look: () => Promise<T>, seconds = 10): Promise<T> {
  const untilMs = clock.monotonicMs() + seconds * 1000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (clock.monotonicMs() > untilMs) throw error;
      await clock.sleep(20);
    }
  }
}

const started: ChildProcess[] = [];
let own: OwnProcess | undefined;

after(() => {
  own?.close();
  for (const child of started) child.kill("SIGKILL");
});

async function start(service: string, port = 0): Promise<Running> {
  const child = fork(program, [service, String(port), serviceKey], { stdio: "inherit" });
  started.push(child);
  const [said] = (await once(child, "message")) as [{ port: number }];
  return { child, port: said.port };
}

async function work({ child }: Running, traceparent: string, failed = false): Promise<string> {
  child.send({ traceparent, failed });
  const [said] = (await once(child, "message")) as [{ spanId: string }];
  return said.spanId;
}

let cart: Running;
let replica: Running;
let processes: ShopProcesses;
let shop: { processes: ShopProcesses; config: typeof config; clock: typeof clock };

before(async () => {
  [cart, replica] = await Promise.all([start("cart"), start("cart")]);
  own = new OwnProcess({
    services: [{ name: "admin" }],
    clock,
    log: silentLog,
    shop: { serviceKey, currency: "USD" },
    verifier: () => new TokenVerifier(clock, () => Promise.reject(new Error("Nobody has a token here."))),
    health: () => Promise.resolve([]),
    neighbours: () => [],
    operations: () => {
      throw new Error("It has no database.");
    },
  });
  const places = `cart=127.0.0.1:${cart.port} cart=localhost:${replica.port} order=127.0.0.1:9`;
  processes = own.watch("admin", parsePlaces(places));
  shop = { processes, config, clock };
});

const cartNow = async () => {
  const report = await readShop(shop);
  const service = report.services.find(({ name }) => name === "cart");
  assert.ok(service);
  return { report, service };
};

it("replicas are one service whose figures add up, and who never answered is missing", async () => {
  const root = traceparentOf(traceFrom(undefined));
  await Promise.all([work(cart, root), work(replica, root)]);
  await work(replica, root, true);
  const { report, service } = await until(async () => {
    const now = await cartNow();
    assert.equal(now.service.traffic.perSecond, 3 / 60);
    return now;
  });
  assert.deepEqual([service.status, service.answering, service.silent], ["up", 2, 0]);
  assert.equal(service.entrances[0]?.name, "WorkService/Work");
  assert.equal(service.traffic.errorsPerSecond, 1 / 60);
  assert.ok(service.traffic.p95Ms && service.traffic.p95Ms > 35 && service.traffic.p95Ms <= 50);
  const edge = report.edges.find(({ from, to }) => from === "cart" && to === "catalog");
  assert.deepEqual([edge?.perSecond, edge?.breaker, edge?.purposes], [3 / 60, "closed", ["calls"]]);
  const order = report.services.find(({ name }) => name === "order");
  assert.deepEqual([order?.status, order?.answering], ["missing", 0]);
  const told = report.processes.find(({ services }) => services.includes("cart"))?.told;
  assert.ok(told && told.vitals.rssBytes > 1e6 && told.pid > 0);
  assert.equal(report.links.trace("ab/c"), "https://traces.example.com/trace/ab%2Fc");
});

it("one trace is the spans of all processes, each under the one that called it", async () => {
  const first = startSpan("admin", "GET /admin", "server", traceFrom(undefined));
  const { traceId } = first.trace;
  const second = await work(cart, traceparentOf(first.trace));
  const third = await work(replica, `00-${traceId}-${second}-01`, true);
  first.end({ failed: false });
  const trace = await until(async () => {
    const found = await readTrace(shop, traceId);
    assert.equal(found?.spans, 3);
    return found;
  });
  const [root] = trace.roots;
  assert.deepEqual([trace.roots.length, root?.name, root?.isOrphan], [1, "GET /admin", false]);
  assert.equal(root?.children[0]?.spanId, second);
  assert.equal(root.children[0].children[0]?.spanId, third);
  const [listed] = (await readTraces(shop, { isFailed: true })).filter((one) => one.traceId === traceId);
  assert.ok(listed && listed.isFailed);
  assert.equal(await readTrace(shop, "0".repeat(32)), undefined);
  const lines = await readLines(shop, { text: traceId });
  assert.deepEqual(
    lines.map(({ msg, traceId: told }) => [msg, told]),
    [
      ["cart has worked.", traceId],
      ["cart has worked.", traceId],
    ],
  );
});

it("a process that hangs costs a look less than two seconds, and is silent until it goes on", async () => {
  await cartNow();
  replica.child.kill("SIGSTOP");
  const beganMs = clock.monotonicMs();
  await until(async () => assert.equal((await cartNow()).service.silent, 1));
  assert.ok(clock.monotonicMs() - beganMs < 2_000);
  assert.equal((await cartNow()).service.status, "degraded");
  replica.child.kill("SIGCONT");
  await until(async () => assert.equal((await cartNow()).service.status, "up"));
});

it("a process that was killed is missing within five seconds, and back when it is started again", async () => {
  replica.child.kill("SIGKILL");
  const beganMs = clock.monotonicMs();
  await until(async () => {
    const { report, service } = await cartNow();
    assert.deepEqual([service.status, service.answering, service.silent], ["degraded", 1, 1]);
    assert.ok(
      report.processes.some(({ state, place }) => state === "missing" && place.endsWith(`:${replica.port}`)),
    );
  });
  assert.ok(clock.monotonicMs() - beganMs < 5_000);
  replica = await start("cart", replica.port);
  const back = await until(async () => {
    const { report, service } = await cartNow();
    assert.deepEqual([service.status, service.answering], ["up", 2]);
    return report.processes.find(({ place }) => place.endsWith(`:${replica.port}`));
  });
  assert.equal(back?.restarts, 1);
});
