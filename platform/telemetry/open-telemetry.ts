// Spans to an OpenTelemetry collector, by OpenTelemetry's own SDK. Loaded only when a collector is configured.
import { readFileSync } from "node:fs";
import { ROOT_CONTEXT, SpanKind as OtelKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { Logger } from "./log.ts";
import { counter } from "./metrics.ts";
import type { RecentSpan } from "./recent-traces.ts";
import type { SpanSink, TraceContext } from "./trace.ts";
import { tracesUrl, type TracingConfig } from "./tracing-config.ts";

export interface TracingOptions {
  readonly config: ConfigOf<typeof TracingConfig>;
  readonly clock: Clock;
  readonly log: Logger;
}

const queueMax = 4_096;
const batchMax = 512;
const pauseMs = 1_000;
/** A program that ends waits no longer than this for its last spans. */
const closeMs = 5_000;

const dropped = counter(
  "stoa_spans_dropped_total",
  "Spans that never reached the collector: it was away, or there were too many at once.",
);

/**
 * Sends spans in batches in the background, with a few repeats each. A collector that is away costs spans, bounded memory and one
 * warning, never a request. Each service of the process is a resource of its own, unless OTEL_SERVICE_NAME says otherwise. Whether a
 * trace is sampled is decided by the sampler where the trace begins.
 */
export class OpenTelemetry implements SpanSink {
  readonly #options: TracingOptions;
  readonly #exporter: WatchedExporter;
  readonly #processor: BatchSpanProcessor;
  readonly #sampler: Sampler;
  readonly #isParentBased: boolean;
  readonly #tracers = new Map<string, Tracer>();
  /** The ids of the span being sent: they stand in logs and in other processes already. */
  #ids = { traceId: "", spanId: "" };

  constructor(options: TracingOptions) {
    const { config, log } = options;
    this.#options = options;
    this.#exporter = new WatchedExporter(exporterOf(config), tracesUrl(config) ?? "", log);
    this.#processor = new BatchSpanProcessor({
      exporter: this.#exporter,
      maxQueueSize: queueMax + batchMax,
      maxExportBatchSize: batchMax,
      scheduledDelayMillis: pauseMs,
      exportTimeoutMillis: config.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT + pauseMs,
    });
    this.#sampler = samplerOf(config);
    this.#isParentBased = config.OTEL_TRACES_SAMPLER.startsWith("parentbased_");
  }

  isSampled(parent: TraceContext): boolean {
    if (!parent.isNew && this.#isParentBased) return parent.sampled;
    const context = parent.isNew ? ROOT_CONTEXT : contextOf(parent.traceId, parent.spanId);
    const { decision } = this.#sampler.shouldSample(context, parent.traceId, "", OtelKind.INTERNAL, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  send(spans: readonly RecentSpan[]): void {
    for (const span of spans) if (this.#exporter.take()) this.#send(span);
  }

  #send(ended: RecentSpan): void {
    const { traceId, parentSpanId, service, name, attributes, startMs: startTime, durationMs } = ended;
    this.#ids = ended;
    const tracer = this.#tracers.get(service) ?? this.#openTracer(service);
    const context = parentSpanId === "" ? ROOT_CONTEXT : contextOf(traceId, parentSpanId);
    const span = tracer.startSpan(name, { kind: kinds[ended.kind], startTime, attributes }, context);
    if (ended.status === "error") span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(startTime + durationMs);
  }

  /** Sends what is left, within five seconds; not at all while the collector is known to be away. */
  async close(): Promise<void> {
    const sent = this.#processor.shutdown().catch(() => undefined);
    const late = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(closeMs, late.resolve);
    await Promise.race([sent, late.promise, this.#exporter.failed]);
    timer.stop();
  }

  #openTracer(service: string): Tracer {
    const provider = new TracerProvider({
      resource: resourceFor(this.#options.config, service),
      // What is sent has been decided.
      sampler: new AlwaysOnSampler(),
      spanProcessors: [this.#processor],
      idGenerator: { generateTraceId: () => this.#ids.traceId, generateSpanId: () => this.#ids.spanId },
    });
    const tracer = provider.getTracer(`stoa.${service}`);
    this.#tracers.set(service, tracer);
    return tracer;
  }
}

const kinds = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  consumer: OtelKind.CONSUMER,
} as const;

function contextOf(traceId: string, spanId: string) {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 });
}

/** Counts what is under way, so that memory is bounded, and says once when the collector goes and once when it is back. */
class WatchedExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #url: string;
  readonly #log: Logger;
  #failed = Promise.withResolvers<void>();
  #underWay = 0;
  #isAway = false;

  constructor(inner: SpanExporter, url: string, log: Logger) {
    this.#inner = inner;
    this.#url = url;
    this.#log = log;
  }

  /** Resolved while the collector is away, else when it goes. */
  get failed(): Promise<void> {
    return this.#failed.promise;
  }

  /** Makes room for one more span; false when there is none. */
  take(): boolean {
    if (this.#underWay >= queueMax) {
      dropped.inc();
      return false;
    }
    this.#underWay += 1;
    return true;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter["export"]>[1]): void {
    this.#inner.export(spans, (result) => {
      this.#underWay -= spans.length;
      if (result.code === 0) this.#succeeded();
      else this.#failedWith(result.error, spans.length);
      done(result);
    });
  }

  async shutdown(): Promise<void> {
    await this.#inner.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.();
  }

  #succeeded(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#failed = Promise.withResolvers();
    this.#log.info({ url: this.#url }, "The collector takes spans again.");
  }

  #failedWith(error: Error | undefined, count: number): void {
    dropped.inc(count);
    this.#failed.resolve();
    if (this.#isAway) return;
    this.#isAway = true;
    const facts = { err: error, url: this.#url };
    this.#log.warn(facts, "Spans cannot be sent to the collector; they are dropped until it answers.");
  }
}

type ExporterOptions = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

function exporterOf(config: ConfigOf<typeof TracingConfig>): SpanExporter {
  const ca = config.OTEL_EXPORTER_OTLP_CERTIFICATE;
  const cert = config.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE;
  const key = config.OTEL_EXPORTER_OTLP_CLIENT_KEY;
  return new OTLPTraceExporter({
    url: tracesUrl(config) ?? "",
    headers: {
      ...pairsOf(config.OTEL_EXPORTER_OTLP_HEADERS?.reveal()),
      ...pairsOf(config.OTEL_EXPORTER_OTLP_TRACES_HEADERS?.reveal()),
    },
    timeoutMillis: config.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
    compression: config.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION as NonNullable<ExporterOptions["compression"]>,
    concurrencyLimit: queueMax / batchMax + 1,
    httpAgentOptions: {
      keepAlive: true,
      ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
      ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
      ...(key === undefined ? {} : { key: readFileSync(key) }),
    },
  });
}

function samplerOf(config: ConfigOf<typeof TracingConfig>): Sampler {
  const name = config.OTEL_TRACES_SAMPLER;
  const root = name.endsWith("always_on")
    ? new AlwaysOnSampler()
    : name.endsWith("always_off")
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(Number(config.OTEL_TRACES_SAMPLER_ARG));
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

function resourceFor(config: ConfigOf<typeof TracingConfig>, service: string) {
  const named = config.OTEL_SERVICE_NAME;
  return defaultResource().merge(
    resourceFromAttributes({
      "service.name": service,
      "service.namespace": "stoa",
      ...pairsOf(config.OTEL_RESOURCE_ATTRIBUTES),
      ...(named === undefined ? {} : { "service.name": named }),
    }),
  );
}

/** `name=value,name=value` with percent-encoded values; what is no pair is passed over, as the specification has it. */
function pairsOf(text = ""): { [name: string]: string } {
  const pairs = text.split(",").flatMap((part): [string, string][] => {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    return name === undefined || value === undefined ? [] : [[name, decoded(value)]];
  });
  return Object.fromEntries(pairs);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
