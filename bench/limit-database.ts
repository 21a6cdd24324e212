// One database with the tables of all services that take part in an order, each in a schema of its own, so that one connection
// can run everything an order runs: the ground on which the plain limits are measured.
import pg from "pg";
import { migrate, platformMigrations, readMigrations } from "#platform/database/migrate.ts";
import type { BenchShop } from "./bench-shop.ts";
import { productsMax } from "./buyers.ts";

const database = "bench_limit";

/** Schema in the limit database, and the database it stands for. */
export const limitSchemas: Readonly<Record<string, string>> = {
  catalog: "products_db",
  cart: "carts_db",
  orders: "orders_db",
  checkout: "checkout_db",
  payment: "payments_db",
  shipping: "shipping_db",
};

const services: Readonly<Record<string, string>> = { orders: "order" };
/** What scripts find without naming a schema. */
export const searchPath = [...Object.keys(limitSchemas), "public"].join(",");

export interface LimitDatabase {
  readonly url: string;
  /** Carts for the orders of one round: `clients` buyers side by side, `each` orders for each. */
  fillCarts(round: { base: number; clients: number; each: number }): Promise<void>;
  /** Throws unless this many orders went all the way: a limit that did less would be none. */
  requireWhole(orders: number): Promise<void>;
  close(): Promise<void>;
}

/** Creates it beside the shop's databases, with the same migrations and the same products. */
export async function openLimitDatabase(
  shop: BenchShop,
  productIds: readonly string[],
): Promise<LimitDatabase> {
  const admin = new pg.Client({ connectionString: shop.postgres.adminUrl });
  await admin.connect();
  await admin.query(`create database ${database}`);
  await admin.end();
  const url = shop.postgres.urlFor(database);
  const client = new pg.Client({ connectionString: pathUrl(url, searchPath) });
  await client.connect();
  for (const schema of Object.keys(limitSchemas)) {
    await client.query(`create schema ${schema}`);
    const service = services[schema] ?? schema;
    const folder = new URL(`../services/${service}/migrations/`, import.meta.url);
    const own = await readMigrations(service, folder);
    await migrate(pathUrl(url, `${schema},public`), [
      ...(await readMigrations("platform", platformMigrations)),
      ...own,
    ]);
  }
  await copyProducts(shop, client, productIds);
  return {
    url,
    fillCarts: (round) => fillCarts(client, round),
    requireWhole: (orders) => requireWhole(client, orders),
    close: () => client.end(),
  };
}

function pathUrl(url: string, path: string): string {
  const target = new URL(url);
  target.searchParams.set("options", `-c search_path=${path}`);
  return target.href;
}

const copiedTables = ["categories", "products", "product_variants", "product_categories", "stock"];

/** Copies the products that are bought; the scripts know them by the numbers 1 to 48. */
async function copyProducts(
  shop: BenchShop,
  client: pg.Client,
  productIds: readonly string[],
): Promise<void> {
  await client.query("begin");
  // Triggers would write a second ledger of what is only a copy.
  await client.query("set local session_replication_role = replica");
  for (const table of copiedTables) {
    const owned = {
      categories: "true",
      products: "id = any($1::uuid[])",
      stock: "variant_id = any($1::uuid[])",
    };
    const filter = owned[table as keyof typeof owned] ?? "product_id = any($1::uuid[])";
    const source = await shop
      .database("catalog")
      .row<{ rows: string }>(
        `select jsonb_agg(t)::text as rows from ${table} t where ${filter} and $1::uuid[] is not null`,
        [productIds],
      );
    const { rows } = await client.query<{ columns: string }>(
      `select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [`catalog.${table}`],
    );
    const columns = rows[0]?.columns ?? "";
    await client.query(
      `insert into catalog.${table} (${columns}) overriding system value
       select ${columns} from jsonb_populate_recordset(null::catalog.${table}, $1)`,
      [renumbered(source?.rows ?? "[]", productIds)],
    );
  }
  await client.query("commit");
}

function renumbered(rows: string, productIds: readonly string[]): string {
  return productIds.reduce((text, id, index) => text.replaceAll(id, plainId(index + 1)), rows);
}

function plainId(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** The same two lines that the shop's buyers have; the buyer of an order is its number times 16. */
async function fillCarts(
  client: pg.Client,
  { base, clients, each }: { base: number; clients: number; each: number },
): Promise<void> {
  for (const line of [0, 1]) {
    await client.query(
      `select count(*)
       from (select $1::bigint + client * 1000000 + i as number,
               lpad(to_hex(1 + 2 * ((i + client) % $6) + $5::bigint), 32, '0')::uuid as product
             from generate_series(0, $2::bigint - 1) client, generate_series(1, $3::bigint) i) as orders,
         lateral add_cart_item(lpad(to_hex(number * 16), 32, '0')::uuid, gen_random_uuid(), product, product, $4, 100, 99,
           now(), now() + interval '7 days')`,
      [base, clients, each, line + 1, line, productsMax / 2],
    );
  }
}

async function requireWhole(client: pg.Client, orders: number): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(
    `select (select count(*) from checkout.checkouts where status = 'completed')::text as "completed checkouts",
       (select count(*) from catalog.stock_reservations where status = 'committed')::text as "sold reservations",
       (select count(*) from payment.payments where captured_minor > 0)::text as "captured payments",
       (select count(*) from orders.orders where confirmed_at is not null)::text as "confirmed orders",
       (select count(*) from shipping.shipments)::text as "parcels",
       (select count(*) from cart.cart_consumptions)::text as "bought carts"`,
  );
  for (const [what, count] of Object.entries(rows[0] ?? {})) {
    if (Number(count) !== orders)
      throw new Error(
        `The limit ran ${orders} orders, but there are ${count} ${what}: its scripts no longer fit the schema. Run node bench/write-statements.ts.`,
      );
  }
}
