/**
 * What a shop needs for so many orders an hour, from measured costs, and what gives way first when more come: the tables of
 * docs/operate/capacity.md. `--orders 500`, `--requests 400` and `--peak 5` put your own trade in their place; `--disk` measures what an
 * order adds to the databases instead.
 */
import { parseArgs } from "node:util";
import { openBenchShop } from "./bench-shop.ts";
import { fillCarts, placeOrder, stockUp } from "./buyers.ts";
import { trade } from "./capacity/costs.ts";
import { firstToBreak, planFor, playPlan, type Plan } from "./capacity/plan.ts";

const { values: options } = parseArgs({
  options: {
    orders: { type: "string", default: "10,1000,100000" },
    requests: { type: "string", default: String(trade.requestsPerOrder) },
    peak: { type: "string", default: String(trade.peak) },
    seed: { type: "string", default: "1" },
    disk: { type: "boolean", default: false },
  },
});

if (options.disk) console.log(`${await measureDisk(2_000)} bytes for each order, indexes included.`);
else printPlans();

function printPlans(): void {
  const wanted = { requestsPerOrder: positive("requests"), peak: positive("peak") };
  const seed = positive("seed");
  const plans = options.orders.split(",").map((text) => planFor(numberOf("orders", text), wanted));
  const rows: [string, (plan: Plan) => string][] = [
    ["orders an hour", ({ ordersPerHour }) => count(ordersPerHour)],
    ["requests/s at the peak", ({ requestsPerSecond }) => count(requestsPerSecond)],
    ["orders/s at the peak", ({ ordersPerSecond }) => ordersPerSecond.toPrecision(2)],
    ["runs as", ({ isOneProcess }) => (isOneProcess ? "one program" : "services")],
    ["pods", ({ pods }) => count(pods)],
    ["nodes of 4 processors", ({ nodes }) => count(nodes)],
    ["processors of the database", ({ databaseProcessors }) => count(databaseProcessors)],
    ["connections if every pool is full", ({ connections }) => count(connections)],
    ["commits/s of orders at the peak", ({ commitsPerSecond }) => count(commitsPerSecond)],
    ["GiB of databases a year", ({ diskGibPerYear }) => count(diskGibPerYear)],
    ["dollars a month", ({ dollarsPerMonth }) => count(dollarsPerMonth)],
    ["request, p95 as planned", (plan) => `${count(playPlan(plan, 1, seed).p95.get("request") ?? 0)} ms`],
    ["order, p95 as planned", (plan) => `${count(playPlan(plan, 1, seed).p95.get("order") ?? 0)} ms`],
    [
      "gives way first",
      (plan) => {
        const { station, times } = firstToBreak(plan, seed);
        return `${station} at ${times.toFixed(1)} times that`;
      },
    ],
  ];
  console.log(table(rows.map(([what, of]) => [what, ...plans.map(of)])));
  for (const plan of plans.filter(({ isOneProcess }) => !isOneProcess))
    console.log(
      `\nPods for ${count(plan.ordersPerHour)} orders an hour: ${plan.stations
        .filter(({ name }) => name !== "postgres")
        .map(({ name, servers }) => `${name} ${servers}`)
        .join(", ")}.`,
    );
}

/** Buys, lets what is waiting end, and compares the size of all databases. */
async function measureDisk(orders: number): Promise<number> {
  const shop = await openBenchShop();
  try {
    const products = await stockUp(shop.database("catalog"));
    const buy = async (many: number) => {
      const buyers = await fillCarts(shop, products, { count: many });
      for (let start = 0; start < buyers.length; start += 16)
        await Promise.all(buyers.slice(start, start + 16).map(async (id) => await placeOrder(shop, id)));
    };
    const size = async () => {
      let sum = 0;
      for (const db of shop.databases.values())
        sum += Number(
          (await db.row<{ bytes: string }>("select pg_database_size(current_database())::text as bytes"))
            ?.bytes ?? 0,
        );
      return sum;
    };
    await buy(200);
    const before = await size();
    await buy(orders);
    return Math.round(((await size()) - before) / orders);
  } finally {
    await shop.close();
  }
}

function positive(name: "requests" | "peak" | "seed"): number {
  return numberOf(name, options[name]);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes numbers above 0, and "${text}" is not one.`);
  return value;
}

function count(value: number): string {
  return Math.ceil(value).toLocaleString("en");
}

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[] = []) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head?.map((_, index) => (index === 0 ? "---" : "--:"))), ...rows.map(line)].join(
    "\n",
  );
}
