// How the process itself does: processor, memory, event loop, connections and room for requests.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ProcessVitalsSchema } from "#gen/stoa/platform/v1/process_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { metricByService } from "./metric-values.ts";

/** Figures between two looks are made of at least so much time; who asks sooner is told what was told before. */
const lookMs = 1_000;

interface Look {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly shed: ReadonlyMap<string, number>;
}

/** Looks at this process for whoever asks. Until somebody does, it measures nothing. */
export class ProcessVitals {
  #before: Look | undefined;
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  #told: { readonly atMs: number; readonly vitals: MessageInitShape<typeof ProcessVitalsSchema> } | undefined;

  /** Figures since the last look; those that need a look before are 0 at the first. */
  async look(): Promise<MessageInitShape<typeof ProcessVitalsSchema>> {
    const nowMs = systemClock.monotonicMs();
    if (this.#told && nowMs - this.#told.atMs < lookMs) return this.#told.vitals;
    const vitals = await this.#measure(nowMs);
    this.#told = { atMs: nowMs, vitals };
    return vitals;
  }

  close(): void {
    this.#delay?.disable();
  }

  async #measure(nowMs: number): Promise<MessageInitShape<typeof ProcessVitalsSchema>> {
    const { user, system } = process.cpuUsage();
    const now: Look = {
      atMs: nowMs,
      cpuMs: (user + system) / 1000,
      shed: await metricByService("stoa_http_shed_total"),
    };
    const before = this.#before;
    this.#before = now;
    const heap = getHeapStatistics();
    return {
      cpuShare: before ? (now.cpuMs - before.cpuMs) / (now.atMs - before.atMs) : 0,
      rssBytes: process.memoryUsage.rss(),
      heapBytes: heap.used_heap_size,
      heapMaxBytes: heap.heap_size_limit,
      loopP99Ms: this.#loopP99Ms(),
      pools: await poolsNow(),
      rooms: await roomsNow(before, now),
    };
  }

  #loopP99Ms(): number {
    if (!this.#delay) {
      this.#delay = monitorEventLoopDelay({ resolution: resolutionMs });
      this.#delay.enable();
      return 0;
    }
    const p99Ms = this.#delay.percentile(99) / 1e6;
    this.#delay.reset();
    // What it waits itself is no delay.
    return Math.max(0, p99Ms - resolutionMs);
  }
}

const resolutionMs = 20;

async function poolsNow() {
  const count = "db_client_connection_count";
  const [used, idle, max, waiting] = await Promise.all([
    metricByService(count, ({ state }) => state === "used"),
    metricByService(count, ({ state }) => state === "idle"),
    metricByService("db_client_connection_max"),
    metricByService("db_client_connection_pending_requests"),
  ]);
  return [...max].map(([service, size]) => {
    const inUse = used.get(service) ?? 0;
    return {
      service,
      used: inUse,
      idle: idle.get(service) ?? 0,
      max: size,
      // While there is room, whoever waits does so for a connection of their own to be opened, and not for others.
      waiting: inUse >= size ? (waiting.get(service) ?? 0) : 0,
    };
  });
}

async function roomsNow(before: Look | undefined, now: Look) {
  const [underWay, limit] = await Promise.all([
    metricByService("http_server_active_requests"),
    metricByService("stoa_http_limit"),
  ]);
  return [...limit].map(([service, most]) => {
    const refused = (now.shed.get(service) ?? 0) - (before?.shed.get(service) ?? 0);
    const seconds = before ? (now.atMs - before.atMs) / 1000 : 0;
    return {
      service,
      underWay: Math.max(0, underWay.get(service) ?? 0),
      limit: Math.max(0, Math.round(most)),
      shedPerSecond: seconds > 0 ? Math.max(0, refused) / seconds : 0,
    };
  });
}
