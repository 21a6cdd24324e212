// What a process answers of itself, to services of the shop alone.
import { hostname } from "node:os";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ProcessService, type GetReportResponseSchema } from "#gen/stoa/platform/v1/process_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { invalid } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { ServiceHealth } from "#platform/kit/service.ts";
import { ownVersion } from "#platform/kit/version.ts";
import { bindRpcs, type BoundService } from "#platform/rpc/contract.ts";
import type { NeighbourState } from "#platform/rpc/neighbour.ts";
import { recentLines } from "#platform/telemetry/recent-lines.ts";
import { ProcessVitals } from "./process-vitals.ts";
import { findTraceHere, listTracesHere } from "./told-traces.ts";
import { edgeTallies, entranceTallies } from "./traffic.ts";

/** What a process knows of itself. */
export interface ProcessKnowledge {
  readonly services: readonly string[];
  readonly clock: Clock;
  /** State of services, those elsewhere included. */
  readonly health: () => Promise<readonly ServiceHealth[]>;
  readonly neighbours: () => readonly NeighbourState[];
  /** Faults in force, one sentence each. */
  readonly faults?: (() => readonly string[]) | undefined;
}

const linesDefault = 100;
const linesMax = 500;
const tracesDefault = 50;
const tracesMax = 200;

/** Answers ProcessService. */
export function bindProcess(known: ProcessKnowledge): { readonly bound: BoundService; close(): void } {
  const vitals = new ProcessVitals();
  const id = newRandomId();
  const version = ownVersion();
  const startedMs = known.clock.now().getTime() - process.uptime() * 1000;
  const bound = bindRpcs(ProcessService, undefined, {
    async getReport(_, __, call) {
      requireService(call);
      return await reportOf(known, vitals, { id, startedMs, version });
    },
    async listTraces(_, { isFailed, slowerThanMs, limit }, call) {
      requireService(call);
      requireAtMost(limit, tracesMax);
      const traces = listTracesHere({ isFailed, slowerThanMs, limit: limit || tracesDefault });
      return await Promise.resolve({ traces });
    },
    async getTrace(_, { traceId }, call) {
      requireService(call);
      return await Promise.resolve(findTraceHere(traceId));
    },
    async tailLines(_, { after, level, kind, service, text, limit }, call) {
      requireService(call);
      requireAtMost(limit, linesMax);
      const { lines, last } = recentLines({
        after: after || undefined,
        level: level || undefined,
        kind: kind || undefined,
        service: service || undefined,
        text: text || undefined,
        limit: limit || linesDefault,
      });
      const told = lines.map(({ fields, requestId = "", traceId = "", ...line }) => {
        return { ...line, requestId, traceId, fieldsJson: JSON.stringify(fields) };
      });
      return await Promise.resolve({ lines: told, last });
    },
  });
  return { bound, close: () => vitals.close() };
}

async function reportOf(
  { services: names, health, neighbours, faults }: ProcessKnowledge,
  vitals: ProcessVitals,
  { id, startedMs, version }: { id: string; startedMs: number; version: string },
): Promise<MessageInitShape<typeof GetReportResponseSchema>> {
  const [states, figures] = await Promise.all([health(), vitals.look()]);
  const here = new Set(names);
  return {
    process: { id, host: hostname(), pid: process.pid, version, startedMs },
    services: states
      .filter(({ service }) => here.has(service))
      .map(({ service, status, lacks }) => ({ service, status, lacks: [...lacks] })),
    vitals: figures,
    entrances: entranceTallies().map(({ service, kind, name, ...counts }) => {
      return { service, kind, name, counts };
    }),
    edges: edgeTallies().map(({ from, to, ...counts }) => ({ from, to, counts })),
    breakers: neighbours().map(({ caller: from, neighbour: to, state, sinceMs }) => {
      return { from, to, state, sinceMs };
    }),
    faults: [...(faults?.() ?? [])],
  };
}

function requireAtMost(limit: number, most: number): void {
  if (limit > most) throw invalid([{ path: "limit", message: `must be at most ${most}` }]);
}
