// Putting an item into a cart over HTTP, against one upsert of the same kind by itself.
import pg from "pg";
import type { BenchShop } from "./bench-shop.ts";
import type { Guest } from "./buyers.ts";
import { requireOnly, type LoadProcess } from "./load.ts";
import { closedLoop, takeTurns } from "./measure.ts";
import { figure, share, type Row } from "./table.ts";

const parallel = 16;
/** Connections a service may open unless it is told otherwise. */
const poolMax = 10;

export async function benchCartWrites(
  shop: BenchShop,
  load: LoadProcess,
  {
    rounds,
    count,
    guests,
    productIds,
  }: { rounds: number; count: number; guests: readonly Guest[]; productIds: readonly string[] },
): Promise<Row> {
  const pool = new pg.Pool({ connectionString: shop.postgres.adminUrl, max: poolMax });
  await pool.query(
    "create table bench_cart (user_id uuid, product_id uuid, quantity integer, updated_at timestamptz, primary key (user_id, product_id))",
  );
  const requests = guests.flatMap(({ token }, index) => ({
    method: "POST",
    path: "/api/cart/me/items",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ productId: productIds[index % productIds.length], quantity: 1 }),
  }));
  const upsert = (index: number) =>
    pool.query({
      name: "upsert",
      text: `insert into bench_cart values ($1, $2, 1, now()) on conflict (user_id, product_id)
             do update set quantity = bench_cart.quantity + 1, updated_at = now() returning quantity`,
      values: [guests[index % guests.length]?.userId, productIds[index % productIds.length]],
    });
  try {
    const turns = await takeTurns(rounds, {
      shop: async () => {
        const report = await load.run({ origin: shop.origin, requests, count, parallel });
        requireOnly(report, "201");
        return report.perSecond;
      },
      upsert: async () => (await closedLoop({ count, parallel }, upsert)).perSecond,
    });
    return {
      what: "POST /api/cart/me/items",
      figure: figure(turns.median("shop"), "/s"),
      limit: `one upsert through pg: ${figure(turns.median("upsert"), "/s")}`,
      ratio: share(turns.ratio("shop", "upsert")),
    };
  } finally {
    await pool.end();
  }
}
