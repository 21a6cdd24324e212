// Spans to an OpenTelemetry collector: OTLP over HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/).
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "./log.ts";
import { counter } from "./metrics.ts";
import type { FinishedSpan } from "./trace.ts";

export interface SpanExporter {
  /** Takes a span in no time; the oldest are dropped when the collector cannot keep up. */
  readonly take: (span: FinishedSpan) => void;
  /** Sends what is left, but never waits longer than one attempt. */
  close(): Promise<void>;
}

export interface SpanExporterOptions {
  /** Base URL of the collector; spans go to its /v1/traces. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const batchMax = 512;
const queueMax = 4_096;
const pauseMs = 1_000;
const pauseMaxMs = 30_000;
const timeoutMs = 5_000;

const dropped = () => counter("stoa_spans_dropped_total", "Spans that never reached the collector.");

/** Sends spans in batches, one at a time, in the background. A collector that is away costs spans and never a request. */
export function openSpanExporter({ endpoint, clock, log }: SpanExporterOptions): SpanExporter {
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const queue: FinishedSpan[] = [];
  let failures = 0;
  let timer: { stop(): void } | undefined;
  let sending: Promise<void> | undefined;
  let isClosed = false;

  const sendBatch = async () => {
    const batch = queue.splice(0, batchMax);
    if (batch.length === 0) return;
    try {
      await post(url, batch);
      failures = 0;
    } catch (error) {
      failures += 1;
      dropped().inc(batch.length);
      if (failures === 1)
        log.warn(
          { err: error, url },
          "Spans cannot be sent to the collector; they are dropped until it answers.",
        );
    }
  };
  const schedule = () => {
    if (timer || sending || isClosed || queue.length === 0) return;
    timer = clock.after(Math.min(pauseMs * 2 ** Math.min(failures, 10), pauseMaxMs), () => {
      timer = undefined;
      sending = sendBatch().finally(() => {
        sending = undefined;
        schedule();
      });
    });
  };

  return {
    take: (span) => {
      if (isClosed) return;
      queue.push(span);
      if (queue.length > queueMax) dropped().inc(queue.splice(0, queue.length - queueMax).length);
      schedule();
    },
    close: async () => {
      isClosed = true;
      timer?.stop();
      await sending;
      while (queue.length > 0 && failures === 0) await sendBatch();
    },
  };
}

async function post(url: string, spans: readonly FinishedSpan[]): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(requestOf(spans)),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The collector answered ${response.status}.`);
}

const kinds = { internal: 1, server: 2, client: 3 } as const;
const statusError = 2;

/** An ExportTraceServiceRequest: one resource for each service of this process. */
function requestOf(spans: readonly FinishedSpan[]): object {
  const byService = Map.groupBy(spans, ({ service }) => service);
  return {
    resourceSpans: [...byService].map(([service, own]) => ({
      resource: { attributes: attributesOf({ "service.name": service, "service.namespace": "stoa" }) },
      scopeSpans: [{ scope: { name: "stoa" }, spans: own.map(spanOf) }],
    })),
  };
}

function spanOf(span: FinishedSpan): object {
  return {
    traceId: span.trace.traceId,
    spanId: span.trace.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanosOf(span.startedAtMs),
    endTimeUnixNano: nanosOf(span.startedAtMs + span.durationMs),
    attributes: attributesOf(span.attributes),
    status: span.failed ? { code: statusError } : {},
  };
}

function nanosOf(ms: number): string {
  return (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();
}

function attributesOf(attributes: FinishedSpan["attributes"]): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: attributeValue(value) }));
}

function attributeValue(value: string | number): object {
  if (typeof value === "string") return { stringValue: value };
  return Number.isSafeInteger(value) ? { intValue: value.toString() } : { doubleValue: value };
}
