// Orders of 16 buyers at once, each buying again as soon as the answer is there; against what PostgreSQL alone can do.
import type { BenchShop } from "./bench-shop.ts";
import { fillCarts, orderBody, placeOrder, type Guest } from "./buyers.ts";
import { openLimitDatabase } from "./limit-database.ts";
import { requireOnly, type LoadProcess } from "./load.ts";
import { closedLoop, cpuMicros, median, percentile, takeTurns } from "./measure.ts";
import { openOrderLimit } from "./order-limit.ts";
import { figure, share, type Row } from "./table.ts";

const parallel = 16;
const p99GoalMs = 500;

export interface OrderBench {
  readonly rounds: number;
  /** Orders of one round; as many guests must be given. */
  readonly count: number;
  readonly guests: readonly Guest[];
  readonly productIds: readonly string[];
}

export async function benchOrders(shop: BenchShop, load: LoadProcess, bench: OrderBench): Promise<Row[]> {
  const { rounds, count, productIds } = bench;
  const database = await openLimitDatabase(shop, productIds);
  const limit = openOrderLimit(database);
  // The shop's connections have prepared their statements long since; pgbench begins anew each time and needs some orders for it.
  const each = Math.ceil((count / parallel) * 3);
  let base = 0;
  const runLimit = async (script: "as-placed" | "one-transaction") => {
    base += 100_000_000;
    return await limit.run(script, { base, clients: parallel, each });
  };
  const seen = {
    serviceMs: [] as number[],
    p99Ms: [] as number[],
    restP99Ms: [] as number[],
    cpu: [] as number[],
  };
  try {
    const turns = await takeTurns(rounds, {
      service: async () => await placeThroughService(shop, bench, seen),
      asPlaced: async () => await runLimit("as-placed"),
      rest: async () => await placeThroughRest(shop, load, bench, seen),
      oneTransaction: async () => await runLimit("one-transaction"),
    });
    await database.requireWhole((base / 100_000_000) * parallel * each);
    const p50 = figure(percentile(seen.serviceMs, 0.5), "ms");
    const row = (what: string, name: "service" | "rest", against: "asPlaced" | "oneTransaction"): Row => ({
      what,
      figure: figure(turns.median(name), "orders/s"),
      limit: `${against === "asPlaced" ? "same statements and commits" : "the same in one transaction"} (${limit.name}): ${figure(turns.median(against), "/s")}`,
      ratio: share(turns.ratio(name, against)),
    });
    return [
      row("PlaceOrder, 16 buyers", "service", "asPlaced"),
      row("PlaceOrder, 16 buyers", "service", "oneTransaction"),
      row("POST /api/orders, 16 buyers", "rest", "asPlaced"),
      row("POST /api/orders, 16 buyers", "rest", "oneTransaction"),
      goalRow(`PlaceOrder p99 (p50 ${p50})`, median(seen.p99Ms)),
      goalRow("POST /api/orders p99", median(seen.restP99Ms)),
      { what: "PlaceOrder, this process", figure: figure(median(seen.cpu), "µs CPU"), limit: "", ratio: "" },
    ];
  } finally {
    await Promise.all([limit.close(), database.close()]);
  }
}

function goalRow(what: string, ms: number): Row {
  return { what, figure: figure(ms, "ms"), limit: `goal: ${p99GoalMs} ms`, ratio: share(ms / p99GoalMs) };
}

interface Seen {
  readonly serviceMs: number[];
  readonly p99Ms: number[];
  readonly restP99Ms: number[];
  readonly cpu: number[];
}

async function placeThroughService(
  shop: BenchShop,
  { count, productIds }: OrderBench,
  seen: Seen,
): Promise<number> {
  const userIds = await fillCarts(shop, productIds, { count });
  let perSecond = 0;
  const cpu = await cpuMicros(count, async () => {
    const result = await closedLoop({ count, parallel }, (index) => placeOrder(shop, userIds[index] ?? ""));
    perSecond = result.perSecond;
    seen.serviceMs.push(...result.durationsMs);
    seen.p99Ms.push(percentile(result.durationsMs, 0.99));
  });
  seen.cpu.push(cpu);
  return perSecond;
}

async function placeThroughRest(
  shop: BenchShop,
  load: LoadProcess,
  { count, guests, productIds }: OrderBench,
  seen: Seen,
): Promise<number> {
  await fillCarts(shop, productIds, { userIds: guests.map(({ userId }) => userId) });
  const requests = guests.map(({ token }) => ({
    method: "POST",
    path: "/api/orders",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(orderBody),
  }));
  const report = await load.run({ origin: shop.origin, requests, count, parallel });
  seen.restP99Ms.push(requireOnly(report, "201").p99Ms);
  return report.perSecond;
}
