// W3C trace context on every request and RPC; spans leave through OpenTelemetry when a collector is configured.
import { randomBytes } from "node:crypto";
import { systemClock } from "#platform/kit/clock.ts";

/** Where a piece of work stands in a distributed trace (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that is going on. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** One finished piece of work, as it is handed to the exporter. */
export interface FinishedSpan {
  readonly name: string;
  readonly kind: "server" | "client" | "internal";
  readonly service: string;
  readonly trace: TraceContext;
  readonly parentSpanId: string | undefined;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly attributes: { readonly [name: string]: string | number };
  readonly failed: boolean;
}

let exportSpan: ((span: FinishedSpan) => void) | undefined;

/** Installs the exporter for this process; undefined switches tracing off again. */
export function setSpanExporter(exporter: ((span: FinishedSpan) => void) | undefined): void {
  exportSpan = exporter;
}

/** Reads a `traceparent` header; anything malformed begins a new trace. */
export function traceFrom(traceparent: string | undefined): TraceContext {
  const match = traceparent ? /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) : null;
  const [, traceId = "", spanId = "", flags = "00"] = match ?? [];
  if (!match || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return { traceId: hex(16), spanId: hex(8), sampled: true };
  return { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 };
}

export function traceparentOf(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

export interface Span {
  /** The context to hand on: calls made during this work are its children. */
  readonly trace: TraceContext;
  end(outcome: { failed: boolean; attributes?: { readonly [name: string]: string | number } }): void;
}

/** Begins a span under `parent`. Without an exporter it costs nothing and hands the parent's context on. */
export function startSpan(
  service: string,
  name: string,
  kind: FinishedSpan["kind"],
  parent: TraceContext,
): Span {
  const exporter = exportSpan;
  if (!exporter || !parent.sampled) return { trace: parent, end: () => undefined };
  const trace = { traceId: parent.traceId, spanId: hex(8), sampled: true };
  const startedAtMs = systemClock.now().getTime();
  const startedTick = systemClock.monotonicMs();
  return {
    trace,
    end: ({ failed, attributes = {} }) => {
      const durationMs = systemClock.monotonicMs() - startedTick;
      exporter({
        name,
        kind,
        service,
        trace,
        parentSpanId: parent.spanId,
        startedAtMs,
        durationMs,
        attributes,
        failed,
      });
    },
  };
}

/** Random hexadecimal digits, never all zero; drawn from a pool because every request needs some. */
function hex(bytes: number): string {
  if (poolOffset + bytes > pool.length) {
    pool = randomBytes(4096);
    poolOffset = 0;
  }
  const text = pool.toString("hex", poolOffset, poolOffset + bytes);
  poolOffset += bytes;
  return /^0+$/.test(text) ? hex(bytes) : text;
}

let pool = randomBytes(4096);
let poolOffset = 0;
