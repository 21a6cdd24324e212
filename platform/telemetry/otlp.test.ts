import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "./log.ts";
import { openSpanExporter } from "./otlp.ts";
import { bindRpcs, type BoundService, type Call, type CallOptions } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { createGrpcClient } from "#platform/rpc/grpc-client.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { createLocalClient } from "#platform/rpc/local.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { setSpanExporter, traceFrom, type FinishedSpan } from "./trace.ts";

interface SentSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
}

interface Resource {
  readonly resource: {
    readonly attributes: { readonly key: string; readonly value: { readonly stringValue: string } }[];
  };
  readonly scopeSpans: { readonly spans: Omit<SentSpan, "service">[] }[];
}

/** A collector over HTTP that keeps what it gets. `answer` is its status. */
async function openCollector() {
  const collector = { spans: [] as SentSpan[], requests: 0, answer: 200, endpoint: "" };
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      collector.requests += 1;
      assert.equal(`${req.method} ${req.url}`, "POST /v1/traces");
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans: Resource[] };
      for (const { resource, scopeSpans } of body.resourceSpans) {
        const service =
          resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
        for (const { spans } of scopeSpans)
          collector.spans.push(...spans.map((span) => ({ ...span, service })));
      }
      res.writeHead(collector.answer, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  collector.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collector;
}

afterEach(() => setSpanExporter(undefined));

function serviceOf(name: string, handler: (call: Call) => Promise<object>) {
  const bound: BoundService = bindRpcs(AdService, undefined, {
    getAds: (_ctx, _request, call) => handler(call),
    recordClick: () => Promise.resolve({ redirectUrl: "/" }),
  });
  const verifier = new TokenVerifier(systemClock, () => assert.fail("no token is sent"));
  return {
    bound,
    dispatcher: new Dispatcher({ service: name, clock: systemClock, log: silentLog, verifier }),
  };
}

const serviceKey = "otlp-test-key-0123456789abcdef0123";

/** A client of a service "far" behind gRPC. */
async function openFar(handler: (call: Call) => Promise<object>) {
  const server = await openGrpcServer({
    host: "127.0.0.1",
    port: 0,
    services: [serviceOf("far", handler)],
    serviceKey,
    clock: systemClock,
  });
  const url = `127.0.0.1:${server.port}`;
  const remote = createGrpcClient(AdService, { url, caller: "near", serviceKey, clock: systemClock });
  after(async () => {
    remote.close();
    await server.close(100);
  });
  return (options: CallOptions) => remote.client.getAds({}, options);
}

it("one request through two services gives spans with one trace id and the right parents", async () => {
  const collector = await openCollector();
  const exporter = openSpanExporter({
    endpoint: `${collector.endpoint}/`,
    clock: systemClock,
    log: silentLog,
  });
  setSpanExporter(exporter.take);
  const callFar = await openFar(() => Promise.resolve({}));
  const near = serviceOf("near", async (call) => await callFar(call.onward));
  const client = createLocalClient(AdService, { caller: "web", clock: systemClock, peer: () => near });
  const trace = traceFrom("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  await client.getAds({}, { trace });
  await eventually("both servers have ended their spans", async () => {
    await exporter.close();
    return collector.spans.length >= 2;
  });
  const spanOf = (service: string, kind: number) =>
    collector.spans.find((span) => span.service === service && span.kind === kind);
  const [server, outgoing, far] = [spanOf("near", 2), spanOf("near", 3), spanOf("far", 2)];
  assert.equal(collector.spans.length, 3);
  for (const span of collector.spans) {
    assert.equal(span.traceId, trace.traceId);
    assert.equal(span.name, "stoa.ad.v1.AdService/GetAds");
    assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
    assert.deepEqual(span.status, {});
  }
  assert.equal(server?.parentSpanId, trace.spanId);
  assert.equal(outgoing?.parentSpanId, server?.spanId);
  assert.equal(far?.parentSpanId, outgoing?.spanId);
});

it("a refused call ends as a failed span; one that its caller did not sample sends none", async () => {
  const collector = await openCollector();
  const exporter = openSpanExporter({ endpoint: collector.endpoint, clock: systemClock, log: silentLog });
  setSpanExporter(exporter.take);
  const near = serviceOf("near", () => Promise.reject(new Error("a bug")));
  const client = createLocalClient(AdService, { caller: "web", clock: systemClock, peer: () => near });
  await assert.rejects(client.getAds({}));
  const unsampled = traceFrom("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  await assert.rejects(client.getAds({}, { trace: unsampled }));
  await exporter.close();
  assert.deepEqual(
    collector.spans.map(({ status }) => status),
    [{ code: 2 }],
  );
});

const someSpan = (name: string): FinishedSpan => ({
  name,
  kind: "internal",
  service: "near",
  trace: traceFrom(undefined),
  parentSpanId: undefined,
  startedAtMs: 1_900_000_000_000.5,
  durationMs: 1.25,
  attributes: { text: "a", whole: 1, part: 1.5 },
  failed: false,
});

it("spans travel in batches in the background, and without losing a fraction of a millisecond", async () => {
  const collector = await openCollector();
  const exporter = openSpanExporter({ endpoint: collector.endpoint, clock: systemClock, log: silentLog });
  for (let index = 0; index < 600; index += 1) exporter.take(someSpan(`span ${index}`));
  await eventually("the first batch arrived", () => collector.spans.length >= 512);
  assert.equal(collector.requests, 1);
  await exporter.close();
  assert.equal(collector.spans.length, 600);
  assert.equal(collector.spans[0]?.startTimeUnixNano, "1900000000000500000");
  assert.equal(collector.spans[0]?.endTimeUnixNano, "1900000000001750000");
});

it("a collector that is away costs no request anything, bounded memory, and no wait when the program ends", async () => {
  const exporter = openSpanExporter({
    endpoint: "http://127.0.0.1:1",
    clock: systemClock,
    log: silentLog,
  });
  const startedMs = systemClock.monotonicMs();
  for (let index = 0; index < 20_000; index += 1) exporter.take(someSpan("lost"));
  assert.ok(systemClock.monotonicMs() - startedMs < 1_000, "taking a span is quick");
  await exporter.close();
  assert.ok(systemClock.monotonicMs() - startedMs < 3_000, "closing gives up after the first failure");
});

it("a collector that recovers gets the spans of then", async () => {
  const collector = await openCollector();
  collector.answer = 503;
  const exporter = openSpanExporter({ endpoint: collector.endpoint, clock: systemClock, log: silentLog });
  exporter.take(someSpan("refused"));
  await eventually("it was refused", () => collector.requests === 1);
  collector.answer = 200;
  exporter.take(someSpan("accepted"));
  await eventually("the later one arrived", () => collector.spans.some(({ name }) => name === "accepted"));
  await exporter.close();
});
