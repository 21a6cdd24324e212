import assert from "node:assert/strict";
import { afterEach, after, describe, it } from "node:test";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { bindRpcs, type BoundService, type Call, type CallOptions } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { createGrpcClient } from "#platform/rpc/grpc-client.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { createLocalClient } from "#platform/rpc/local.ts";
import { openOtlpReceiver } from "#platform/testing/otlp-receiver.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import { createLogger, silentLog, type Logger } from "./log.ts";
import { registry } from "./metrics.ts";
import { OpenTelemetry } from "./open-telemetry.ts";
import { setSpanSink, startSpan, traceFrom } from "./trace.ts";
import { TracingConfig, tracesUrl } from "./tracing-config.ts";

afterEach(() => setSpanSink(undefined));

/** Tracing with these settings, installed. */
function openTracing(
  environment: Environment,
  log: Logger = silentLog,
  clock: Clock = systemClock,
): OpenTelemetry {
  const telemetry = new OpenTelemetry({
    config: readConfig(TracingConfig, environment),
    clock,
    log,
  });
  setSpanSink(telemetry);
  return telemetry;
}

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

/** One span from its start to its end. */
function work(name: string, trace = traceFrom(undefined)) {
  const span = startSpan("near", name, "internal", trace);
  span.end({ failed: false });
  return span;
}

/** A collector that gets little time, so that one that never answers is given up soon after the test. */
const slow = (endpoint: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
});

function keptLog() {
  const lines: string[] = [];
  return {
    lines,
    log: createLogger({ level: "info", format: "json" }, (line) => void lines.push(line)),
  };
}

async function spansDropped(): Promise<number> {
  const text = await registry.metrics();
  return Number(/^stoa_spans_dropped_total (\d+)/m.exec(text)?.[1] ?? 0);
}

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

describe("what is sent", () => {
  it("one request through two services gives spans with one trace id and the right parents", async () => {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.endpoint}/` });
    const callFar = await openFar(() => Promise.resolve({}));
    const near = serviceOf("near", async (call) => await callFar(call.onward));
    const client = createLocalClient(AdService, { caller: "web", clock: systemClock, peer: () => near });
    const trace = traceFrom(`${traceparent}-01`);
    await client.getAds({}, { trace });
    await eventually("all three spans arrived", () => collector.spans.length >= 3);
    await telemetry.close();
    const spanOf = (service: string, kind: number) =>
      collector.spans.find((span) => span.service === service && span.kind === kind);
    const [server, outgoing, far] = [spanOf("near", 2), spanOf("near", 3), spanOf("far", 2)];
    assert.equal(collector.spans.length, 3);
    for (const span of collector.spans) {
      assert.equal(span.traceId, trace.traceId);
      assert.equal(span.name, "stoa.ad.v1.AdService/GetAds");
      assert.equal(span.statusCode, 0);
      assert.ok(span.endNanos >= span.startNanos);
      const agoMs = systemClock.now().getTime() - Number(span.startNanos / 1_000_000n);
      assert.ok(agoMs >= -1_000 && agoMs < 60_000, `${agoMs} ms ago`);
    }
    assert.equal(server?.parentSpanId, trace.spanId);
    assert.equal(outgoing?.parentSpanId, server?.spanId);
    assert.equal(far?.parentSpanId, outgoing?.spanId);
    assert.deepEqual(far?.attributes, { "rpc.method": "GetAds", outcome: "ok" });
  });

  it("a trace that begins here has a first span without a parent, under the id that the logs know", async () => {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    const trace = traceFrom("nonsense");
    const first = work("first", trace);
    work("second", first.trace);
    await telemetry.close();
    const [one, two] = collector.spans;
    assert.deepEqual([one?.traceId, one?.parentSpanId], [trace.traceId, ""]);
    assert.deepEqual([two?.traceId, two?.parentSpanId], [trace.traceId, one?.spanId]);
    assert.equal(first.trace.spanId, one?.spanId);
  });

  it("a refused call ends as a failed span", async () => {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    const near = serviceOf("near", () => Promise.reject(new Error("a bug")));
    const client = createLocalClient(AdService, { caller: "web", clock: systemClock, peer: () => near });
    await assert.rejects(client.getAds({}));
    await telemetry.close();
    assert.deepEqual(
      collector.spans.map(({ statusCode }) => statusCode),
      [2],
    );
  });

  it("headers, names and attributes are those of the settings", async () => {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/v1/traces`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=for%20all,x-tenant=shop",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-api-key=for-traces",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test,region=eu%2Cwest",
    });
    work("one");
    startSpan("far", "two", "server", traceFrom(undefined)).end({ failed: false });
    await telemetry.close();
    const [headers] = collector.headers;
    assert.equal(headers?.["x-api-key"], "for-traces");
    assert.equal(headers?.["x-tenant"], "shop");
    assert.equal(headers?.["content-encoding"], "gzip");
    assert.deepEqual(collector.spans.map(({ service }) => service).sort(), ["far", "near"]);
    for (const { resource } of collector.spans) {
      assert.equal(resource["deployment.environment.name"], "test");
      assert.equal(resource["region"], "eu,west");
      assert.equal(resource["service.namespace"], "stoa");
      assert.equal(resource["telemetry.sdk.language"], "nodejs");
    }
  });

  it("OTEL_SERVICE_NAME names the whole process; which service it was stays in the scope", async () => {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_SERVICE_NAME: "my-shop",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=beaten",
    });
    work("one");
    await telemetry.close();
    assert.deepEqual([collector.spans[0]?.service, collector.spans[0]?.scope], ["my-shop", "stoa.near"]);
  });
});

describe("sampling", () => {
  /** How many of these spans arrive with this sampler. */
  async function sampled(sampler: string, run: () => void, argument = ""): Promise<number> {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_TRACES_SAMPLER_ARG: argument,
    });
    run();
    await telemetry.close();
    return collector.spans.length;
  }
  const taken = traceFrom(`${traceparent}-01`);
  const left = traceFrom(`${traceparent}-00`);

  it("whoever began the trace has decided, and the sampler decides where one begins", async () => {
    const all = () => [taken, left, traceFrom(undefined)].forEach((trace) => work("one", trace));
    assert.equal(await sampled("parentbased_always_on", all), 2);
    assert.equal(await sampled("parentbased_always_off", all), 1);
    assert.equal(await sampled("always_on", all), 3);
    assert.equal(await sampled("always_off", all), 0);
  });

  it("a part of the traces is kept whole: every span of a trace shares the fate of its first", async () => {
    const fates = new Map<string, Set<boolean>>();
    const run = () => {
      for (let index = 0; index < 400; index += 1) {
        const first = work("first");
        const second = work("second", first.trace);
        fates.set(first.trace.traceId, new Set([first.trace.sampled, second.trace.sampled]));
      }
    };
    const arrived = await sampled("parentbased_traceidratio", run, "0.25");
    assert.ok([...fates.values()].every((fate) => fate.size === 1));
    const kept = [...fates.values()].filter((fate) => fate.has(true)).length;
    assert.equal(arrived, kept * 2);
    assert.ok(kept > 50 && kept < 150, `${kept} of 400 were kept`);
  });

  it("an unknown sampler and a part that is none are refused at the start", () => {
    assert.throws(() => readConfig(TracingConfig, { OTEL_TRACES_SAMPLER: "sometimes" }), /must be one of/);
    assert.throws(() => readConfig(TracingConfig, { OTEL_TRACES_SAMPLER_ARG: "25%" }), /from 0 to 1/);
    assert.equal(tracesUrl(readConfig(TracingConfig, {})), undefined);
  });
});

describe("a collector that is not well", () => {
  it("spans travel in batches in the background", async () => {
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    for (let index = 0; index < 600; index += 1) work(`span ${index}`);
    await eventually("the first batch arrived", () => collector.spans.length >= 512);
    assert.equal(collector.headers.length, 1);
    await telemetry.close();
    assert.equal(collector.spans.length, 600);
  });

  it("one that is away costs no request anything and bounded memory; every span that is lost is counted", async () => {
    const telemetry = openTracing({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_EXPORTER_OTLP_TIMEOUT: "50",
    });
    const before = await spansDropped();
    const startedMs = systemClock.monotonicMs();
    for (let index = 0; index < 20_000; index += 1) work("lost");
    assert.ok(systemClock.monotonicMs() - startedMs < 2_000, "making spans is quick");
    assert.equal((await spansDropped()) - before, 20_000 - 4_096);
    await eventually("all are counted", async () => (await spansDropped()) - before === 20_000);
    await telemetry.close();
  });

  it("an outage is one warning, its end one line, and the next outage a warning again", async () => {
    const { lines, log } = keptLog();
    const collector = await openOtlpReceiver();
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }, log);
    collector.status = 400;
    for (let index = 0; index < 600; index += 1) work("two batches of these");
    await eventually("both were refused", () => collector.headers.length === 2);
    collector.status = 200;
    work("accepted");
    await eventually("the recovery is known", () => lines.length === 2);
    collector.status = 400;
    work("refused again");
    await eventually("the second outage is known", () => lines.length === 3);
    await telemetry.close();
    assert.deepEqual(
      lines.map((line) => /"msg":"([\w ]+)/.exec(line)?.[1]),
      [
        "Spans cannot be sent to the collector",
        "The collector takes spans again",
        "Spans cannot be sent to the collector",
      ],
    );
  });

  it("one that never answers holds up the end of the program for five seconds at most", async () => {
    const clock = new TestClock();
    const collector = await openOtlpReceiver();
    collector.status = 0;
    const telemetry = openTracing(slow(collector.endpoint), silentLog, clock);
    work("stuck");
    let isClosed = false;
    const closing = telemetry.close().then(() => (isClosed = true));
    await eventually("the last batch was sent", () => collector.headers.length === 1);
    clock.advance(4_999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isClosed, false, "the collector gets its time");
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isClosed, true, "and no more");
    await closing;
  });

  it("one that is known to be away is not waited for at the end", async () => {
    const { lines, log } = keptLog();
    const collector = await openOtlpReceiver();
    collector.status = 400;
    const telemetry = openTracing(slow(collector.endpoint), log, new TestClock());
    work("refused");
    await eventually("the outage was noticed", () => lines.length === 1);
    collector.status = 0;
    work("lost too");
    const closingMs = systemClock.monotonicMs();
    await telemetry.close();
    assert.ok(systemClock.monotonicMs() - closingMs < 1_000, "the two seconds of a batch are not waited for");
  });

  it("one that is busy for a moment gets the batch again", async () => {
    const collector = await openOtlpReceiver();
    collector.status = 503;
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    work("patient");
    await eventually("it was refused", () => collector.headers.length === 1);
    collector.status = 200;
    await eventually("the same span arrived", () => collector.spans.some(({ name }) => name === "patient"));
    await telemetry.close();
  });

  it("one that refuses and recovers gets the spans of then", async () => {
    const collector = await openOtlpReceiver();
    collector.status = 400;
    const telemetry = openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    work("refused");
    await eventually("it was refused", () => collector.headers.length === 1);
    collector.status = 200;
    work("accepted");
    await eventually("the later one arrived", () => collector.spans.some(({ name }) => name === "accepted"));
    await telemetry.close();
    assert.equal(collector.spans.length, 1);
  });
});
