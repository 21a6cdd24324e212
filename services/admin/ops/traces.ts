// Traces of the last minutes: each process has kept the spans that it made, and a trace is those of all of them.
import type { AdminContext } from "../context.ts";

type Asking = Pick<AdminContext, "processes">;

export interface TraceFilter {
  readonly isFailed?: boolean;
  readonly slowerThanMs?: number;
  /** `slowest` or `newest` first. */
  readonly order?: "slowest" | "newest";
  readonly limit?: number;
}

export interface ListedTrace {
  readonly traceId: string;
  /** Of the first span that was kept. */
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isFailed: boolean;
  /** Kept spans, of all processes. */
  readonly spans: number;
  /** Processes that have kept a part of it. */
  readonly processes: number;
  /** Its beginning was kept. */
  readonly isRoot: boolean;
}

/** A span and those under it, in the order in which they began. */
export interface TraceNode {
  readonly spanId: string;
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  /** Unix time; clocks of several machines may differ by milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly isFailed: boolean;
  readonly attributes: { readonly [name: string]: string };
  /** Its parent was not kept: it stands where the trace begins. */
  readonly isOrphan: boolean;
  readonly children: readonly TraceNode[];
}

export interface WholeTrace {
  readonly traceId: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isFailed: boolean;
  readonly spans: number;
  /** More spans ended than were kept. */
  readonly isCut: boolean;
  readonly roots: readonly TraceNode[];
}

/** Each process is asked for so many; what is merged of them is bounded by it. */
const askedMax = 100;
const limitDefault = 30;

/** The traces that any process has kept, parts of one trace merged. */
export async function readTraces({ processes }: Asking, filter: TraceFilter = {}): Promise<ListedTrace[]> {
  const { isFailed = false, slowerThanMs = 0, order = "newest", limit = limitDefault } = filter;
  const told = await processes.ask(
    async (client) =>
      await client.listTraces({ isFailed, slowerThanMs, limit: askedMax }, { timeoutMs: askMs }),
  );
  const merged = new Map<string, ListedTrace>();
  for (const trace of told.flatMap(({ answer }) => answer.traces)) {
    const { traceId, name, service, startMs, durationMs, isFailed: failed, spans, isRoot } = trace;
    const part = {
      traceId,
      name,
      service,
      startMs,
      durationMs,
      isFailed: failed,
      spans,
      processes: 1,
      isRoot,
    };
    const known = merged.get(traceId);
    merged.set(traceId, known ? together(known, part) : part);
  }
  const key = order === "slowest" ? "durationMs" : "startMs";
  return [...merged.values()].sort((a, b) => b[key] - a[key]).slice(0, limit);
}

/** No page waits longer for one process. */
const askMs = 800;

function together(a: ListedTrace, b: ListedTrace): ListedTrace {
  // Where it begins knows what it is.
  const first = a.isRoot !== b.isRoot ? (a.isRoot ? a : b) : a.startMs <= b.startMs ? a : b;
  const startMs = Math.min(a.startMs, b.startMs);
  const endMs = Math.max(a.startMs + a.durationMs, b.startMs + b.durationMs);
  return {
    ...first,
    startMs,
    durationMs: endMs - startMs,
    isFailed: a.isFailed || b.isFailed,
    spans: a.spans + b.spans,
    processes: a.processes + b.processes,
    isRoot: a.isRoot || b.isRoot,
  };
}

interface KeptSpan extends Omit<TraceNode, "isOrphan" | "children"> {
  readonly parentSpanId: string;
}

/** One trace as a tree, with the spans of all processes; undefined where none has kept a part of it. */
export async function readTrace({ processes }: Asking, traceId: string): Promise<WholeTrace | undefined> {
  const told = await processes.ask(
    async (client) => await client.getTrace({ traceId }, { timeoutMs: askMs }),
  );
  const spans = new Map<string, KeptSpan>();
  for (const { answer } of told) for (const span of answer.spans) spans.set(span.spanId, span);
  if (spans.size === 0) return undefined;
  const all = [...spans.values()];
  const startMs = Math.min(...all.map((span) => span.startMs));
  const endMs = Math.max(...all.map((span) => span.startMs + span.durationMs));
  return {
    traceId,
    startMs,
    durationMs: endMs - startMs,
    isFailed: all.some(({ isFailed }) => isFailed),
    spans: all.length,
    isCut: told.some(({ answer }) => answer.isCut),
    roots: treeOf(spans),
  };
}

function treeOf(spans: ReadonlyMap<string, KeptSpan>): TraceNode[] {
  const below = new Map<string, KeptSpan[]>();
  const roots: KeptSpan[] = [];
  for (const span of [...spans.values()].sort((a, b) => a.startMs - b.startMs)) {
    const { parentSpanId } = span;
    if (!spans.has(parentSpanId)) roots.push(span);
    else below.set(parentSpanId, [...(below.get(parentSpanId) ?? []), span]);
  }
  const placed = new Set<string>();
  const nodeOf = (span: KeptSpan): TraceNode => {
    const { parentSpanId, spanId, name, kind, service, startMs, durationMs, isFailed, attributes } = span;
    placed.add(spanId);
    const under = (below.get(spanId) ?? []).filter((child) => !placed.has(child.spanId));
    return {
      ...{ spanId, name, kind, service, startMs, durationMs, isFailed, attributes: { ...attributes } },
      isOrphan: parentSpanId !== "" && !spans.has(parentSpanId),
      children: under.map(nodeOf),
    };
  };
  return roots.map(nodeOf);
}
