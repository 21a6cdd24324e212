// `node bench/write-statements.ts`: places two orders, takes what PostgreSQL logged of them, and writes it into
// place-order-statements/ as pgbench scripts. What differs between the two orders becomes an expression over :order, what
// names a product one over :product. Run it again when the statements of an order have changed.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { openBenchShop, type BenchShop } from "./bench-shop.ts";
import { fillCarts, placeOrder, stockUp } from "./buyers.ts";
import { limitSchemas } from "./limit-database.ts";
import { groupByCommit, parseStatementLog, type LoggedStatement } from "./statement-log.ts";

/**
 * Polling that goes on whether orders are placed or not, and what follows from the event after the answer has left: the scripts
 * are of the order alone.
 */
const background =
  /\bfrom outbox\b|\bfrom tasks\b|\bupdate tasks\b|\bjobs\b|lease_until < now\(\)|set lease_until = now\(\)|outbox_relays|insert into inbox|\bcancel_tasks\b|\border_refunds\b/;
const settleMs = 1_500;

async function logOrders(shop: BenchShop, productIds: readonly string[]): Promise<LoggedStatement[][]> {
  const admin = new pg.Client({ connectionString: shop.postgres.adminUrl });
  await admin.connect();
  // The first order prepares statements and fills what is kept in memory; only the other two are looked at.
  const [first = "", ...others] = await fillCarts(shop, productIds, { count: 3 });
  await placeOrder(shop, first);
  await systemClock.sleep(settleMs);
  await admin.query("alter system set log_statement = 'all'");
  await admin.query("alter system set log_line_prefix = '%d %p '");
  await admin.query("select pg_reload_conf()");
  const orders: LoggedStatement[][] = [];
  for (const userId of others) {
    await systemClock.sleep(settleMs);
    const before = (await readLog(shop)).length;
    await placeOrder(shop, userId);
    const statements = parseStatementLog((await readLog(shop)).slice(before));
    orders.push(groupByCommit(statements).filter(isOfOrder).flat());
  }
  await admin.end();
  return orders;
}

function isOfOrder(group: readonly LoggedStatement[]): boolean {
  // The log is read when the answer has come: what is not committed by then belongs to something else.
  const isWhole = group[0]?.text !== "begin" || group.at(-1)?.text === "commit";
  return isWhole && !group.some(({ text }) => background.test(text));
}

async function readLog({ folder }: BenchShop): Promise<string> {
  return await readFile(join(folder, "postgres.log"), "utf8");
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What stands for each text that belongs to one order or to one product. */
function replacements(
  [one = [], two = []]: readonly LoggedStatement[][],
  productIds: readonly string[],
): Map<string, string> {
  const found = new Map<string, string>();
  for (const [offset, id] of productIds.entries()) found.set(id, bindId(`:product::bigint + ${offset}`));
  const ofTwo = new Set(two.flatMap(({ parameters }) => parameters));
  const idsOfTwo = new Set([...ofTwo].flatMap((value) => value?.match(uuid) ?? []));
  let count = 0;
  for (const value of one.flatMap(({ parameters }) => parameters)) {
    const ids = value?.match(uuid) ?? [];
    for (const id of ids) {
      if (found.has(id) || idsOfTwo.has(id)) continue;
      found.set(id, bindId(`:order::bigint * 16 + ${count}`));
      count += 1;
    }
    if (value === null || ids.length > 0 || ofTwo.has(value) || found.has(value)) continue;
    if (/^\d{4}-\d\d-\d\d/.test(value) || value.startsWith("{")) continue;
    found.set(value, /^\d+$/.test(value) ? ":order" : `'${value.slice(0, 3)}' || :order`);
  }
  return found;
}

function bindId(number: string): string {
  return `lpad(to_hex(${number}), 32, '0')`;
}

/** A parameter as an SQL expression of its type. */
function expressionOf(value: string | null, type: string, replaced: ReadonlyMap<string, string>): string {
  if (value === null) return `null::${type}`;
  const tokens = [...replaced.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${tokens.map((token) => RegExp.escape(token)).join("|")})`);
  const parts = value.split(pattern).filter((part) => part !== "");
  // pgbench takes a word after a colon for a variable, also inside of a literal; to JSON a blank there means nothing.
  const literal = (part: string) => pg.escapeLiteral(part.replace(/:(?=[A-Za-z_])/g, ": "));
  const pieces = parts.map((part) => replaced.get(part) ?? literal(part));
  // "character" alone would cut the text to its first letter.
  return `(${pieces.join(" || ") || "''"})::${type === "character" ? "bpchar" : type}`;
}

async function scriptOf(
  shop: BenchShop,
  statements: readonly LoggedStatement[],
  replaced: ReadonlyMap<string, string>,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { database, text, parameters } of statements) {
    const types = /^(begin|commit)$/.test(text) ? [] : await typesOf(shop, database, text);
    const filled = text.replace(/\$(\d+)/g, (_all, number: string) => {
      const index = Number(number) - 1;
      return expressionOf(parameters[index] ?? null, types[index] ?? "text", replaced);
    });
    // Every service has tasks; all other tables are found by their names.
    lines.push(filled.trim().replace(/\binto tasks\b/, `into ${schemaOf(database)}.tasks`) + ";");
  }
  return lines;
}

function schemaOf(database: string): string {
  const entry = Object.entries(limitSchemas).find(([, of]) => of === database);
  if (!entry)
    throw new Error(`An order runs a statement in ${database}; bench/limit-database.ts has no tables of it.`);
  return entry[0];
}

async function typesOf({ postgres }: BenchShop, database: string, text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: postgres.urlFor(database) });
  await client.connect();
  try {
    await client.query(`prepare asked as ${text}`);
    const { rows } = await client.query<{ types: string[] }>(
      "select parameter_types::text[] as types from pg_prepared_statements where name = 'asked'",
    );
    return rows[0]?.types ?? [];
  } finally {
    await client.end();
  }
}

const head = [
  "-- Written by bench/write-statements.ts from what the services ran for one order; do not edit.",
  "\\set i :i + 1",
  "\\set order :base + :client_id * 1000000 + :i",
  "\\set product 1 + 2 * ((:i + :client_id) % 24)",
];

const shop = await openBenchShop();
try {
  const [one = "", two = ""] = await stockUp(shop.database("catalog"));
  const orders = await logOrders(shop, [one, two]);
  const statements = await scriptOf(shop, orders[0] ?? [], replacements(orders, [one, two]));
  const inOne = ["begin;", ...statements.filter((line) => !/^(begin|commit);$/.test(line)), "commit;"];
  const folder = join(import.meta.dirname, "place-order-statements");
  await writeFile(join(folder, "as-placed.sql"), [...head, ...statements, ""].join("\n"));
  await writeFile(join(folder, "one-transaction.sql"), [...head, ...inOne, ""].join("\n"));
  console.log(`${statements.length} statements of one order were written to ${folder}.`);
} finally {
  await shop.close();
}
process.exit();
