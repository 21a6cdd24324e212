// W3C trace context on every request and RPC; spans leave through OpenTelemetry when a collector is configured.
import { randomBytes } from "node:crypto";

/** Where a piece of work stands in a distributed trace (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that is going on. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** The trace begins here: no span stands at `spanId`, and whether it is sampled is decided when the first one starts. */
  readonly isNew?: true;
}

export type SpanKind = "server" | "client" | "internal";

/** What makes spans once a collector is configured. */
export interface SpanRecorder {
  start(service: string, name: string, kind: SpanKind, parent: TraceContext): Span;
}

let recorder: SpanRecorder | undefined;

/** Installs what records the spans of this process; undefined switches tracing off again. */
export function setSpanRecorder(installed: SpanRecorder | undefined): void {
  recorder = installed;
}

/** Reads a `traceparent` header; anything malformed begins a new trace. */
export function traceFrom(traceparent: string | undefined): TraceContext {
  const match = traceparent ? /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) : null;
  const [, traceId = "", spanId = "", flags = "00"] = match ?? [];
  if (!match || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return { traceId: randomHex(16), spanId: randomHex(8), sampled: true, isNew: true };
  return { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 };
}

/** The context as a `traceparent` header, for calls that leave this process. */
export function traceparentOf(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

/** A piece of work that is going on. It must be ended once; what is not ended is never sent. */
export interface Span {
  /** The context to hand on: calls made during this work are its children. */
  readonly trace: TraceContext;
  end(outcome: { failed: boolean; attributes?: { readonly [name: string]: string | number } }): void;
}

/** Begins a span under `parent`. Without a collector it costs nothing and hands the parent's context on. */
export function startSpan(service: string, name: string, kind: SpanKind, parent: TraceContext): Span {
  return recorder ? recorder.start(service, name, kind, parent) : unrecordedSpan(parent);
}

/** A span that goes nowhere: the work under it continues the parent's trace. */
export function unrecordedSpan(trace: TraceContext): Span {
  return { trace, end: nothing };
}

const nothing = () => undefined;

/** Random hexadecimal digits, never all zero; drawn from a pool because every request needs some. */
export function randomHex(bytes: number): string {
  if (poolOffset + bytes > pool.length) {
    pool = randomBytes(4096);
    poolOffset = 0;
  }
  const text = pool.toString("hex", poolOffset, poolOffset + bytes);
  poolOffset += bytes;
  return /^0+$/.test(text) ? randomHex(bytes) : text;
}

let pool = randomBytes(4096);
let poolOffset = 0;
