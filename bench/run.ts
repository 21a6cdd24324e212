// `npm run bench`: one table, each figure beside a plain limit that was measured in the same run. README.md says what they mean.
import { availableParallelism, cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { openBenchShop } from "./bench-shop.ts";
import { makeGuests, stockUp } from "./buyers.ts";
import { benchCalls } from "./calls.ts";
import { benchCartWrites } from "./cart-writes.ts";
import { benchCommits } from "./commits.ts";
import { benchFootprint } from "./footprint.ts";
import { openLoad } from "./load.ts";
import { benchOrders } from "./orders.ts";
import { benchReads } from "./reads.ts";
import { serviceFootprint } from "./service-footprint.ts";
import { benchSizing } from "./sizing.ts";
import { benchSplit } from "./split.ts";
import { benchTracing } from "./tracing.ts";
import { formatTable, type Row } from "./table.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Few of everything: shows that it works, and measures nothing. */
    small: { type: "boolean", default: false },
    only: { type: "string", default: "calls,reads,cart,orders,commits,tracing,footprint" },
  },
});
// `npm run bench -- footprint`: a table of the services instead.
if (positionals.includes("footprint")) {
  const size = options.small ? { guests: 20, parallel: 4 } : { guests: 300, parallel: 20 };
  console.log(await serviceFootprint(size));
  process.exit();
}
// `npm run bench -- sizing`: what the images of each service need.
if (positionals.includes("sizing")) {
  const counts = options.small
    ? { requests: 60, orders: 8, restSeconds: 2 }
    : { requests: 1_200, orders: 120, restSeconds: 10 };
  const table = await benchSizing(counts);
  if (table !== undefined) console.log(table);
  process.exit();
}
const sizes = options.small
  ? { rounds: 1, calls: 500, reads: 50, writes: 50, orders: 64, commits: 10, memoryOrders: 50, visits: 8 }
  : {
      rounds: 5,
      calls: 20_000,
      reads: 2_000,
      writes: 1_000,
      orders: 640,
      commits: 100,
      memoryOrders: 1_000,
      visits: 60,
    };
// `npm run bench -- split`: one process and many, and what stands between many: guards of calls, traces.
const parts = new Set(
  positionals.includes("split") ? ["split", "calls", "tracing"] : options.only.split(","),
);
const rows: Row[] = [];
const add = async (part: string, measure: () => Promise<readonly Row[]>) => {
  if (!parts.has(part)) return;
  console.log(`Measuring ${part} …`);
  rows.push(...(await measure()));
};

const { rounds } = sizes;
const load = openLoad();
await add("split", () => benchSplit({ rounds, visits: sizes.visits }));
await add("calls", () => benchCalls({ rounds, count: sizes.calls }));
if (["reads", "cart", "orders", "commits", "tracing"].some((part) => parts.has(part))) {
  const shop = await openBenchShop();
  try {
    const productIds = await stockUp(shop.database("catalog"));
    const guests = await makeGuests(shop, sizes.orders);
    const productId = productIds[0] ?? "";
    await add("reads", () => benchReads(shop, load, { rounds, count: sizes.reads, productId }));
    await add("cart", async () => [
      await benchCartWrites(shop, load, { rounds, count: sizes.writes, guests, productIds }),
    ]);
    // Fresh guests, so that the carts hold what the orders are to buy and nothing else.
    await add("orders", async () =>
      benchOrders(shop, load, {
        rounds,
        count: sizes.orders,
        guests: await makeGuests(shop, sizes.orders),
        productIds,
      }),
    );
    await add("tracing", () =>
      benchTracing(shop, { rounds, calls: sizes.calls, orders: sizes.orders, productIds }),
    );
    await add("commits", () => benchCommits(shop, { count: sizes.commits, productIds }));
  } finally {
    await shop.close();
  }
}
await add("footprint", () => benchFootprint(load, { orders: sizes.memoryOrders }));
await load.close();

console.log(`\n${formatTable(rows)}\n`);
const gibibytes = Math.round(totalmem() / 1024 ** 3);
console.log(
  `${availableParallelism()} processors (${cpus()[0]?.model ?? "unknown"}), ${gibibytes} GiB, Node ${process.versions.node}, ` +
    `${new Date().toISOString().slice(0, 10)}. Medians of ${rounds} rounds in turn; µs CPU is processor time of the one Node process.`,
);
process.exit();
