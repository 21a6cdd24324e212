// How many commits an order costs: counted in PostgreSQL's write-ahead log, where each commit that wrote something is one record.
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import type { BenchShop } from "./bench-shop.ts";
import { fillCarts, placeOrder } from "./buyers.ts";
import { figure, type Row } from "./table.ts";

/** What docs/requests/place-order.md says; the payment database holds the simulated provider's two and our own two. */
const documented: Readonly<Record<string, number>> = {
  checkout: 2,
  catalog: 2,
  order: 3,
  payment: 4,
  shipping: 1,
  cart: 1,
};

interface Counted {
  readonly ofOrder: ReadonlyMap<string, number>;
  readonly afterwards: ReadonlyMap<string, number>;
}

/** Throws when an order commits oftener than the document says: then one of the two is wrong. */
export async function benchCommits(
  shop: BenchShop,
  { count, productIds }: { count: number; productIds: readonly string[] },
): Promise<Row[]> {
  const userIds = await fillCarts(shop, productIds, { count });
  await systemClock.sleep(1_000);
  const { ofOrder, afterwards } = await countCommits(shop, async () => {
    for (const userId of userIds) await placeOrder(shop, userId);
    await systemClock.sleep(1_500);
  });
  const perOrder = [...ofOrder].map(([service, commits]) => [service, commits / count] as const);
  const total = perOrder.reduce((sum, [, commits]) => sum + commits, 0);
  const expected = Object.values(documented).reduce((sum, commits) => sum + commits, 0);
  for (const [service, commits] of perOrder) {
    if (commits > (documented[service] ?? 0) + 0.5 || commits < (documented[service] ?? 0))
      throw new Error(
        `An order commits ${commits} times in ${service}, and docs/requests/place-order.md says ${documented[service] ?? 0}: correct the document, or the code.`,
      );
  }
  const listOf = (counts: readonly (readonly [string, number])[]) =>
    counts.map(([service, commits]) => `${service} ${figure(commits, "")}`).join(", ");
  const later = [...afterwards].map(([service, commits]) => [service, commits / count] as const);
  return [
    {
      what: "commits of an order",
      figure: figure(total, ""),
      limit: `documented: ${expected}`,
      ratio: listOf(perOrder),
    },
    {
      what: "commits after the answer",
      figure: figure(
        later.reduce((sum, [, commits]) => sum + commits, 0),
        "",
      ),
      limit: "mail, recommendations, deliveries",
      ratio: listOf(later),
    },
  ];
}

async function countCommits(shop: BenchShop, work: () => Promise<void>): Promise<Counted> {
  const admin = new pg.Client({ connectionString: shop.postgres.adminUrl });
  await admin.connect();
  try {
    await admin.query("create extension if not exists pg_walinspect");
    const from = await position(admin);
    await work();
    // Each commit, with the database and the tables that its transaction wrote to.
    const { rows } = await admin.query<{ database: string; files: string[] }>(
      `with records as (select xid::text, record_type, resource_manager, block_ref from pg_get_wal_records_info($1, $2)),
         files as (
           select xid, found[1]::oid as database, found[2] as file
           from records, regexp_matches(block_ref, 'rel \\d+/(\\d+)/(\\d+)', 'g') as found where xid <> '0')
       select d.datname as database, array_agg(distinct f.file) as files
       from records c join files f using (xid) join pg_database d on d.oid = f.database
       where c.resource_manager = 'Transaction' and c.record_type = 'COMMIT' group by c.xid, d.datname`,
      [from, await position(admin)],
    );
    return await sortOut(shop, rows);
  } finally {
    await admin.end();
  }
}

async function position(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ at: string }>("select pg_current_wal_flush_lsn()::text as at");
  return rows[0]?.at ?? "";
}

/** The table in each database that every commit of an order writes to; other commits deliver events or keep jobs going. */
const tablesOfOrders: Readonly<Record<string, readonly string[]>> = {
  checkout: ["checkouts"],
  catalog: ["stock_reservations"],
  order: ["orders"],
  payment: ["payments", "provider.charges"],
  shipping: ["shipments"],
  cart: ["cart_consumptions"],
};

const deliveryTables: Readonly<Record<string, readonly string[]>> = {
  order: ["tasks"],
  email: ["inbox"],
  recommendation: ["inbox"],
};

async function sortOut(
  shop: BenchShop,
  commits: readonly { database: string; files: readonly string[] }[],
): Promise<Counted> {
  const ofOrder = new Map<string, number>();
  const afterwards = new Map<string, number>();
  for (const [service, db] of shop.databases) {
    const name = await db.row<{ name: string }>("select current_database() as name");
    const filesOf = async (tables: readonly string[] = []) =>
      (
        await db.rows<{ file: string }>(
          "select pg_relation_filenode(t::regclass)::text as file from unnest($1::text[]) as t",
          [tables],
        )
      ).map(({ file }) => file);
    const [own, delivery] = [await filesOf(tablesOfOrders[service]), await filesOf(deliveryTables[service])];
    const here = commits.filter(({ database }) => database === name?.name);
    const touches = (files: readonly string[]) =>
      here.filter((commit) => commit.files.some((file) => files.includes(file)));
    const placed = touches(own);
    if (placed.length > 0) ofOrder.set(service, placed.length);
    const delivered = touches(delivery).filter((commit) => !placed.includes(commit));
    if (delivered.length > 0) afterwards.set(service, delivered.length);
  }
  return { ofOrder, afterwards };
}
