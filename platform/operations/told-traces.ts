// The kept traces of this process, as they are told to whoever asks.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetTraceResponseSchema, TraceSummarySchema } from "#gen/stoa/platform/v1/process_pb.js";
import { findRecentTrace, recentTraces } from "#platform/telemetry/recent-traces.ts";

export interface TraceFilter {
  readonly isFailed: boolean;
  readonly slowerThanMs: number;
  readonly limit: number;
}

/** Newest first. */
export function listTracesHere({ isFailed, slowerThanMs, limit }: TraceFilter) {
  return recentTraces()
    .filter(({ status, durationMs }) => (!isFailed || status === "error") && durationMs >= slowerThanMs)
    .sort((a, b) => b.startMs - a.startMs)
    .slice(0, limit)
    .map(({ traceId, name, service, startMs, durationMs, status, spans }) => {
      const known = new Set(spans.map(({ spanId }) => spanId));
      const top = spans.find(({ parentSpanId }) => !known.has(parentSpanId));
      return {
        traceId,
        name,
        service,
        startMs,
        durationMs,
        isFailed: status === "error",
        spans: spans.length,
        isRoot: top?.parentSpanId === "",
      } satisfies MessageInitShape<typeof TraceSummarySchema>;
    });
}

/** This process's part of a trace; no spans where it has none. */
export function findTraceHere(traceId: string): MessageInitShape<typeof GetTraceResponseSchema> {
  const found = findRecentTrace(traceId);
  if (!found) return { spans: [], isCut: false };
  const spans = found.spans.map(({ status, attributes, ...span }) => ({
    ...span,
    isFailed: status === "error",
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)])),
  }));
  return { spans, isCut: found.isCut };
}
