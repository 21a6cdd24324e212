// What tracing costs: the same work with no spans at all, with spans that are kept in this process, and with a collector that gets a
// tenth of the traces, or all.
import { fork } from "node:child_process";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { createLocalClient } from "#platform/rpc/local.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { OpenTelemetry } from "#platform/telemetry/open-telemetry.ts";
import { setSpanRecorder, setSpanSink, unrecordedSpan } from "#platform/telemetry/trace.ts";
import { TracingConfig } from "#platform/telemetry/tracing-config.ts";
import type { BenchShop } from "./bench-shop.ts";
import { fillCarts, placeOrder } from "./buyers.ts";
import { adPeer, adRequest } from "./calls.ts";
import { closedLoop, cpuMicros, takeTurns } from "./measure.ts";
import { figure, times, type Row } from "./table.ts";

export interface TracingBench {
  readonly rounds: number;
  readonly calls: number;
  readonly orders: number;
  readonly productIds: readonly string[];
}

type Keeps = "none" | "nothing" | "tenth" | "all";

export async function benchTracing(shop: BenchShop, bench: TracingBench): Promise<Row[]> {
  const collector = await openCollector();
  try {
    const client = createLocalClient(AdService, { caller: "web", clock: systemClock, peer: () => adPeer });
    const { rounds, productIds } = bench;
    // No more than wait in memory at most: nothing is dropped, and everything is sent within the measured time.
    const count = Math.min(bench.calls, 4_000);
    const calls = await compare(rounds, collector.endpoint, async ({ begin, flush }) => {
      return await cpuMicros(count, async () => {
        begin();
        for (let index = 0; index < count; index += 1) await client.getAds(adRequest);
        await flush();
      });
    });
    const orders = await compare(rounds, collector.endpoint, async ({ begin, flush }) => {
      const userIds = await fillCarts(shop, productIds, { count: bench.orders });
      return await cpuMicros(bench.orders, async () => {
        begin();
        await closedLoop({ count: bench.orders, parallel: 16 }, (index) =>
          placeOrder(shop, userIds[index] ?? ""),
        );
        await flush();
      });
    });
    return [...rowsOf("call, traced", calls), ...rowsOf("PlaceOrder, traced", orders)];
  } finally {
    collector.close();
  }
}

type Compared = Awaited<ReturnType<typeof takeTurns<{ [keeps in Keeps]: () => Promise<number> }>>>;

/** Tracing, from `begin` to a `flush` that is part of what is measured. */
interface Tracing {
  readonly begin: () => void;
  readonly flush: () => Promise<void>;
}

type Measure = (tracing: Tracing) => Promise<number>;

async function compare(rounds: number, endpoint: string, measure: Measure): Promise<Compared> {
  const traced = (part: string) => async () => {
    const config = readConfig(TracingConfig, {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: part,
    });
    const telemetry = new OpenTelemetry({ config, clock: systemClock, log: silentLog });
    const droppedBefore = await spansDropped();
    const micros = await measure({
      begin: () => setSpanSink(telemetry),
      flush: async () => await telemetry.close(),
    }).finally(() => setSpanSink(undefined));
    const dropped = (await spansDropped()) - droppedBefore;
    if (dropped > 0) throw new Error(`${dropped} spans were dropped; the figure would be too good.`);
    return micros;
  };
  const nothing = async () => await measure({ begin: () => undefined, flush: () => Promise.resolve() });
  const none = async () => {
    setSpanRecorder({ start: (_service, _name, _kind, parent) => unrecordedSpan(parent) });
    return await nothing().finally(() => setSpanRecorder(undefined));
  };
  return await takeTurns(rounds, { none, nothing, tenth: traced("0.1"), all: traced("1") });
}

async function spansDropped(): Promise<number> {
  const text = await registry.metrics();
  return Number(/^stoa_spans_dropped_total (\d+)/m.exec(text)?.[1] ?? 0);
}

function rowsOf(what: string, turns: Compared): Row[] {
  const row = (keeps: "tenth" | "all", words: string): Row => ({
    what: `${what} (${words})`,
    figure: figure(turns.median(keeps), "µs CPU"),
    limit: `without a collector: ${figure(turns.median("nothing"), "µs CPU")}`,
    ratio: times(turns.ratio(keeps, "nothing")),
  });
  const kept: Row = {
    what: `${what} (kept in the process)`,
    figure: figure(turns.median("nothing"), "µs CPU"),
    limit: `without spans: ${figure(turns.median("none"), "µs CPU")}`,
    ratio: times(turns.ratio("nothing", "none")),
  };
  return [kept, row("tenth", "10% of traces"), row("all", "all traces")];
}

/** Takes everything and keeps nothing, in a process of its own. */
async function openCollector(): Promise<{ endpoint: string; close(): void }> {
  const child = fork(new URL("./discarding-collector.ts", import.meta.url));
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve(message as number));
    child.once("error", reject);
  });
  return { endpoint: `http://127.0.0.1:${port}`, close: () => void child.kill() };
}
