// W3C trace context on every request and RPC. Spans are kept for a while in this process, and leave through OpenTelemetry when a
// collector is configured.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { systemClock } from "#platform/kit/clock.ts";
import { keepTrace, type RecentSpan, type SpanAttributes, type SpanKind } from "./recent-traces.ts";

/** Where a piece of work stands in a distributed trace (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that is going on. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What others said of the trace in a `tracestate` header; handed on as it came. */
  readonly state?: string;
  /** What others hand on with the trace (https://www.w3.org/TR/baggage/), cut to size. Never read here, logged or put on a span. */
  readonly baggage?: string;
  /** The trace begins here: no span stands at `spanId`, and whether it is sampled is decided when the first one starts. */
  readonly isNew?: true;
}

/** What came beside a `traceparent`. */
export interface TraceExtras {
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

/** Later versions may say more behind a dash; what we know of them stands in the same places. */
const traceparentPattern =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?)$/;

/** Reads a `traceparent` header; anything malformed begins a new trace. Baggage is kept either way, up to 1,024 characters. */
export function traceFrom(traceparent: string | undefined, extras: TraceExtras = {}): TraceContext {
  const baggage = extras.baggage === undefined ? undefined : soundBaggage(extras.baggage);
  const carried = baggage ? { baggage } : {};
  const match = traceparent ? traceparentPattern.exec(traceparent) : null;
  const traceId = match?.[1] ?? match?.[4] ?? "";
  const spanId = match?.[2] ?? match?.[5] ?? "";
  if (!match || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return { traceId: randomHex(16), spanId: randomHex(8), sampled: true, isNew: true, ...carried };
  const sampled = (parseInt(match[3] ?? match[6] ?? "0", 16) & 1) === 1;
  const state = extras.tracestate;
  const known = state !== undefined && state.length <= stateMax ? { state } : {};
  return { traceId, spanId, sampled, ...known, ...carried };
}

const stateMax = 512;
const baggageMax = 1_024;
const membersMax = 16;
const member = /^[!#$%&'*+\-.^_`|~\w]+\s*=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*(?:\s*;[^,]*)?$/;

/** The members that are ones, as many as fit. */
function soundBaggage(text: string): string {
  let kept = "";
  let count = 0;
  for (const part of text.slice(0, 8 * baggageMax).split(",")) {
    const one = part.trim();
    if (count >= membersMax || kept.length + one.length >= baggageMax) break;
    if (!member.test(one)) continue;
    kept += kept === "" ? one : `,${one}`;
    count += 1;
  }
  return kept;
}

/** The headers that carry a trace to a service of the shop. */
export function traceHeaders(trace: TraceContext): { [name: string]: string } {
  return {
    traceparent: traceparentOf(trace),
    ...(trace.state === undefined ? {} : { tracestate: trace.state }),
    ...(trace.baggage === undefined ? {} : { baggage: trace.baggage }),
  };
}

/** The context as a `traceparent` header, for calls that leave this process. */
export function traceparentOf(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

/** A piece of work that is going on. It must be ended once; what is not ended is never sent. */
export interface Span {
  /** The context to hand on: calls made during this work are its children. */
  readonly trace: TraceContext;
  end(outcome: SpanOutcome): void;
}

export interface SpanOutcome {
  /** An error of ours, or of whoever was asked; a refusal that a caller has earned is none. */
  readonly failed: boolean;
  readonly attributes?: SpanAttributes;
  /** It is open for as long as somebody looks: that it takes long says nothing. */
  readonly isStream?: boolean;
}

/** What makes spans. */
export interface SpanRecorder {
  start(service: string, name: string, kind: SpanKind, parent: TraceContext): Span;
}

/** Where spans leave for. */
export interface SpanSink {
  /** Whether the trace of a span is sent, as far as its beginning tells. */
  isSampled(parent: TraceContext): boolean;
  /** Takes spans that have ended. Never throws. */
  send(spans: readonly RecentSpan[]): void;
}

/** Begins a span under `parent`. Costs about a microsecond, without a collector too. */
export function startSpan(service: string, name: string, kind: SpanKind, parent: TraceContext): Span {
  return recorder.start(service, name, kind, parent);
}

interface Work {
  readonly service: string;
  readonly trace: TraceContext;
}

const current = new AsyncLocalStorage<Work>();

/**
 * Runs work that statements of SQL belong to: they are sent far below whoever knows the trace. Everything else has its trace handed
 * to it.
 */
export function withinWork<T>(service: string, trace: TraceContext, work: () => T): T {
  return current.run({ service, trace }, work);
}

/** Begins a span under the work that is going on; undefined outside of any. */
export function startInnerSpan(name: string, kind: SpanKind): Span | undefined {
  const work = current.getStore();
  return work && startSpan(work.service, name, kind, work.trace);
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

/** Spans of one trace in this process that have ended while others of it go on. */
interface Part {
  readonly traceId: string;
  /** Unix time at zero of the monotonic clock. */
  readonly originMs: number;
  spans: RecentSpan[];
  open: number;
  isSampled: boolean;
  isSlow: boolean;
  hasFailed: boolean;
}

/** Spans of all traces that may wait for the end of their part. */
const waitingMax = 4_096;
/** Spans of a part that grows beyond this are settled before it ends. */
const partMax = 256;
/** Parts that may be open at once; the oldest is given up first. */
const partsMax = 2_048;
/** Traces whose later parts are sent because an earlier one was, although they are not sampled. */
const sentMax = 500;
const noAttributes: SpanAttributes = Object.freeze({});

/**
 * Holds the spans of a trace until the last one that is open in this process has ended, and then decides with all of them in hand: they
 * are kept for `recentTraces`, and go to the sink when the trace is sampled, when one of them failed, or when one was slow. Bounded:
 * 4,096 spans wait at most.
 */
class SpanBuffer implements SpanRecorder {
  readonly #parts = new Map<string, Part>();
  readonly #sent = new Set<string>();
  #waiting = 0;
  sink: SpanSink | undefined;
  slowMs = 500;

  start(service: string, name: string, kind: SpanKind, parent: TraceContext): Span {
    const { traceId, isNew } = parent;
    const sampled = this.sink ? this.sink.isSampled(parent) : parent.sampled;
    const part = this.#parts.get(traceId) ?? this.#open(traceId);
    part.open += 1;
    part.isSampled ||= sampled;
    const spanId = randomHex(8);
    const parentSpanId = isNew ? "" : parent.spanId;
    const startedMs = systemClock.monotonicMs();
    let hasEnded = false;
    const trace = { traceId, spanId, sampled };
    return {
      trace:
        parent.state === undefined && parent.baggage === undefined
          ? trace
          : { ...carriedBy(parent), ...trace },
      end: ({ failed, attributes = noAttributes, isStream = false }) => {
        if (hasEnded) return;
        hasEnded = true;
        const durationMs = systemClock.monotonicMs() - startedMs;
        const startMs = part.originMs + startedMs;
        const status = failed ? "error" : "ok";
        part.hasFailed ||= failed;
        part.isSlow ||= durationMs >= this.slowMs && !isStream;
        this.#add(part, {
          traceId,
          spanId,
          parentSpanId,
          name,
          kind,
          service,
          startMs,
          durationMs,
          status,
          attributes,
        });
      },
    };
  }

  #open(traceId: string): Part {
    const [oldest] = this.#parts.size >= partsMax ? this.#parts.values() : [];
    if (oldest) this.#settle(oldest);
    if (oldest) this.#parts.delete(oldest.traceId);
    const originMs = systemClock.now().getTime() - systemClock.monotonicMs();
    const part = { traceId, originMs, spans: [], open: 0, isSampled: false, isSlow: false, hasFailed: false };
    this.#parts.set(traceId, part);
    return part;
  }

  #add(part: Part, span: RecentSpan): void {
    part.spans.push(span);
    part.open -= 1;
    this.#waiting += 1;
    const isOver = part.open <= 0;
    if (isOver && this.#parts.get(part.traceId) === part) this.#parts.delete(part.traceId);
    if (isOver || part.spans.length >= partMax || this.#waiting > waitingMax) this.#settle(part);
  }

  #settle(part: Part): void {
    const { traceId, spans, isSampled, isSlow, hasFailed } = part;
    if (spans.length === 0) return;
    part.spans = [];
    this.#waiting -= spans.length;
    keepTrace(traceId, spans, hasFailed ? "failed" : isSlow ? "slow" : "good");
    if (!this.sink) return;
    if (isSampled) return this.sink.send(spans);
    if (!hasFailed && !isSlow && !this.#sent.has(traceId)) return;
    this.#remember(traceId);
    this.sink.send(spans);
  }

  #remember(traceId: string): void {
    this.#sent.add(traceId);
    if (this.#sent.size <= sentMax) return;
    const [oldest = ""] = this.#sent;
    this.#sent.delete(oldest);
  }
}

function carriedBy({ state, baggage }: TraceContext): Pick<TraceContext, "state" | "baggage"> {
  return { ...(state === undefined ? {} : { state }), ...(baggage === undefined ? {} : { baggage }) };
}

const buffer = new SpanBuffer();
let recorder: SpanRecorder = buffer;

/** Installs where spans leave for; undefined when they leave for nowhere. */
export function setSpanSink(sink: SpanSink | undefined): void {
  buffer.sink = sink;
}

/** Says from which duration on a piece of work is slow, so that its trace is kept. 500 ms when nothing is said. */
export function setSlowMs(ms: number): void {
  buffer.slowMs = ms;
}

/** For tests: installs something else that makes the spans of this process; undefined takes it out again. */
export function setSpanRecorder(installed: SpanRecorder | undefined): void {
  recorder = installed ?? buffer;
}
