// What a look asks for: what is new, what was wrong, and a piece of everything; never the past.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { writeManyOrders } from "../test/lab/many-orders.ts";
import { openBackEnd, orderRequest } from "../test/lab/whole-shop.ts";
import { audit, booksOf, openAuditor } from "./audit.ts";
import type { Finding } from "./auditor.ts";
import { auditedServices } from "./config.ts";
import type { Books } from "./invariant.ts";

const pastOrders = 3_000;
const shop = await openBackEnd();
await writeManyOrders({
  superuserUrl,
  from: 1,
  to: pastOrders,
  firstMs: Date.now() - pastOrders * 60_000 - 86_400_000,
  stepMs: 60_000,
});

// What the shop was opened with is old, too.
await change("catalog", "update stock_ledger set at = at - interval '2 days'");

/** Nothing moves here between a look and the one that confirms it. */
const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() };
const scope = { restSeconds: 0 };
const books = booksOf(shop.databases);

async function superuserUrl(service: string): Promise<string> {
  const [row] = await shop.database(service).rows<{ name: string }>("select current_database() as name");
  const url = new URL(process.env["TEST_DATABASE_URL"] ?? "");
  url.pathname = `/${row?.name}`;
  return url.href;
}

async function asSuperuser<T>(service: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: await superuserUrl(service) });
  await client.connect();
  await client.query("set session_replication_role = replica");
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function change(service: string, text: string): Promise<void> {
  await asSuperuser(service, (client) => client.query(text));
}

async function buy(): Promise<string> {
  const { order } = await shop.checkout.placeOrder(
    orderRequest({ userId: newRandomId(), items: [{ productId: "OLJCESPC7Z", quantity: 1 }] }),
  );
  await shop.mustBeSound();
  return order?.id ?? assert.fail("no order");
}

function broken(findings: readonly Finding[]): string[] {
  return findings.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant.id);
}

/** Counts what is asked and answered. */
function counted(): {
  books: Books;
  rows: number;
  statements: Map<string, readonly unknown[]>;
  services: Map<string, string>;
} {
  const count = {
    rows: 0,
    statements: new Map<string, readonly unknown[]>(),
    services: new Map<string, string>(),
    books: {
      rows: async <Row extends object>(service: string, text: string, values: readonly unknown[] = []) => {
        const rows = await books.rows<Row>(service, text, values);
        count.rows += rows.length;
        count.statements.set(text, values);
        count.services.set(text, service);
        return rows;
      },
    },
  };
  return count;
}

describe("a look", () => {
  it("finds a shop with a past sound, as the whole check does", async () => {
    assert.deepEqual(broken(await audit(books, scope, clock)), []);
    assert.deepEqual(broken(await openAuditor(books, { scope, clock }).look()), []);
  });

  it("reads what is new and a piece of everything, however long the past", async () => {
    const count = counted();
    const auditor = openAuditor(count.books, { scope, clock, pieceMax: 10 });
    await auditor.look();
    await auditor.look();
    const before = count.rows;
    await buy();
    await auditor.look();
    assert.ok(
      count.rows - before < 600,
      `${count.rows - before} rows were read for one order and four pieces of 10`,
    );
  });

  it("sends no more ids than it judges together", async () => {
    const count = counted();
    await audit(count.books, scope, clock);
    const lists = [...count.statements.values()].flat().filter((value) => Array.isArray(value));
    assert.ok(lists.length > 0 && lists.every(({ length }) => length <= 1_200));
  });

  it("sees at once what is wrong with a new order, shows it each time, and no longer once it is mended", async () => {
    const auditor = openAuditor(books, { scope, clock, pieceMax: 1 });
    assert.deepEqual(broken(await auditor.look()), []);
    const id = await buy();
    await change("order", `update orders set confirmed_at = null where id = '${id}'`);
    assert.deepEqual(broken(await auditor.look()), ["mail-once"]);
    // The past comes to be older than any window.
    await change("order", `update order_history set at = at - interval '1 day' where order_id = '${id}'`);
    await change(
      "checkout",
      `update checkouts set updated_at = updated_at - interval '1 day' where id = '${id}'`,
    );
    await change(
      "email",
      `update mails set created_at = created_at - interval '1 day' where order_id = '${id}'`,
    );
    await change("catalog", `update stock_ledger set at = at - interval '1 day' where reference = '${id}'`);
    await change(
      "shipping",
      `update shipment_events set at = at - interval '1 day' where order_id = '${id}'`,
    );
    assert.deepEqual(broken(await auditor.look()), ["mail-once"]);
    assert.deepEqual(broken(await auditor.look()), ["mail-once"]);
    await change("order", `update orders set confirmed_at = now() where id = '${id}'`);
    assert.deepEqual(broken(await auditor.look()), []);
  });

  it("comes to what was wrong for long by walking through everything in pieces, round after round", async () => {
    const wrong = "(select id from orders order by id offset 1500 limit 1)";
    const auditor = openAuditor(books, { scope, clock, pieceMax: 400 });
    const looks = async (): Promise<number> => {
      for (let look = 1; look <= 20; look += 1)
        if (broken(await auditor.look()).includes("order-total")) return look;
      return assert.fail("twenty looks did not see it");
    };
    await change("order", "alter table order_items drop constraint order_items_check");
    await change(
      "order",
      `update order_items set subtotal_minor = subtotal_minor + 1 where order_id = ${wrong}`,
    );
    assert.ok((await looks()) > 2);
    await change(
      "order",
      `update order_items set subtotal_minor = subtotal_minor - 1 where order_id = ${wrong}`,
    );
    assert.deepEqual(broken(await auditor.look()), []);
    await change(
      "order",
      `update order_items set subtotal_minor = subtotal_minor + 1 where order_id = ${wrong}`,
    );
    assert.ok((await looks()) > 2);
    await change(
      "order",
      `update order_items set subtotal_minor = subtotal_minor - 1 where order_id = ${wrong}`,
    );
    assert.deepEqual(broken(await auditor.look()), []);
  });

  it("comes back to an order on which work was under way, although nothing about it is new", async () => {
    const id = await buy();
    const auditor = openAuditor(books, { scope, clock, pieceMax: 1 });
    await change(
      "order",
      `update orders set updated_at = now() + interval '1 hour', payment_status = 'voided' where id = '${id}'`,
    );
    await change(
      "order",
      `update order_history set at = at - interval '58 minutes' where order_id = '${id}'`,
    );
    assert.deepEqual(broken(await auditor.look()), []);
    await change("order", `update order_history set at = at - interval '1 day' where order_id = '${id}'`);
    await change("order", `update orders set updated_at = now() - interval '1 day' where id = '${id}'`);
    assert.deepEqual(broken(await auditor.look()), ["order-state"]);
    await change("order", `update orders set payment_status = 'captured' where id = '${id}'`);
  });

  it("ends soon when it is told to, and counts for nothing then", async () => {
    const stop = new AbortController();
    const stopping: Books = {
      rows: async (service, text, values) => {
        if (text.includes("from stock_ledger")) stop.abort(new Error("told to stop"));
        return await books.rows(service, text, values);
      },
    };
    await assert.rejects(openAuditor(stopping, { scope, clock }).look(stop.signal), /told to stop/);
  });

  it("counts for nothing when a database fails in the middle of it", async () => {
    const id = await buy();
    const state = { fails: true };
    const failing: Books = {
      rows: async (service, text, values) => {
        if (state.fails && service === "payment" && text.includes("ledger_entries")) throw new Error("away");
        return await books.rows(service, text, values);
      },
    };
    const auditor = openAuditor(failing, { scope, clock, pieceMax: 1 });
    await change("order", `update orders set payment_status = 'voided' where id = '${id}'`);
    await assert.rejects(auditor.look(), /away/);
    state.fails = false;
    assert.deepEqual(broken(await auditor.look()), ["order-state"]);
    await change("order", `update orders set payment_status = 'captured' where id = '${id}'`);
    assert.deepEqual(broken(await auditor.look()), []);
  });
});

/** Tables that hold no more than what is under way, no more than the shop has goods, or one row. */
const smallTables = new Set(["stock", "product_variants", "outbox", "tasks", "activity_chain"]);

it("every statement of the audit has an index to go by", async () => {
  const count = counted();
  await audit(count.books, scope, clock);
  await openAuditor(count.books, { scope, clock }).look();
  for (const service of auditedServices) {
    await asSuperuser(service, async (client) => {
      await client.query("set enable_seqscan = off");
      for (const [text, of] of count.services) {
        if (of !== service) continue;
        const { rows } = await client.query<{ "QUERY PLAN": string }>(`explain (generic_plan) ${text}`);
        const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
        const scanned = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table ?? "");
        // The walk goes along an index, and stops where the page is full.
        if (text.endsWith("limit $2")) assert.doesNotMatch(plan, /Sort/, `${text}\n${plan}`);
        assert.deepEqual(
          scanned.filter((table) => !smallTables.has(table)),
          [],
          `${text}\n${plan}`,
        );
      }
    });
  }
});
