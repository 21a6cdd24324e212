// Under the role of a reader everything can be audited and nothing can be changed, in any book.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { newRandomId, randomCode } from "#platform/kit/ids.ts";
import { provisionReader } from "#platform/database/provision.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { shop as file } from "../shop.ts";
import { openBackEnd, orderRequest } from "../test/lab/whole-shop.ts";
import { openAuditDatabases } from "./audit-databases.ts";
import { audit, booksOf } from "./audit.ts";
import { auditedServices } from "./config.ts";

const shop = await openBackEnd();
await shop.checkout.placeOrder(
  orderRequest({ userId: newRandomId(), items: [{ productId: "OLJCESPC7Z", quantity: 1 }] }),
);
await shop.mustBeSound();
const adminUrl = process.env["TEST_DATABASE_URL"] ?? "";
const readers = new Map<string, string>();
for (const service of auditedServices) readers.set(service, await makeReader(service));

async function makeReader(service: string): Promise<string> {
  const [row] = await shop.database(service).rows<{ name: string }>("select current_database() as name");
  const database = row?.name ?? "";
  const [role, password] = [`reader_${randomCode(10).toLowerCase()}`, randomCode(24)];
  await provisionReader({ adminUrl, database, role, password });
  // A second start finds everything made.
  await provisionReader({ adminUrl, database, role, password });
  after(async () => {
    // What it may do goes with the database, if that went first.
    await inside(adminUrlOf(database), async (client) => await client.query(`drop owned by ${role}`)).catch(
      isGone,
    );
    await inside(adminUrl, async (client) => await client.query(`drop role ${role}`));
  });
  const url = new URL(adminUrl);
  [url.pathname, url.username, url.password] = [`/${database}`, role, password];
  return url.href;
}

function readerUrl(service: string): string {
  return readers.get(service) ?? assert.fail(`no reader of ${service}`);
}

function isGone(error: unknown): void {
  if (!(error instanceof pg.DatabaseError && error.code === "3D000")) throw error;
}

function adminUrlOf(database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function inside<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe("a reader", () => {
  it("can audit everything", async () => {
    const databases = await openAuditDatabases(file, ({ name }) => Promise.resolve(readerUrl(name)), {
      clock: systemClock,
      log: silentLog,
    });
    const findings = await audit(booksOf(databases.byService), { restSeconds: 0 }, systemClock);
    await assert.rejects(
      databases.byService.get("order")?.run("create table planted ()") ?? Promise.resolve(),
      {
        code: "25006",
      },
    );
    await databases.close();
    assert.deepEqual(
      findings.filter(({ violations }) => violations.length > 0),
      [],
    );
  });

  for (const service of auditedServices) {
    it(`can change nothing of ${service}, whatever its session says`, async () => {
      await inside(readerUrl(service), async (client) => {
        const denied = async (text: string) => {
          await assert.rejects(client.query(text), { code: "25006" }, `read only: ${text}`);
          await client.query("set default_transaction_read_only = off");
          await assert.rejects(client.query(text), { code: "42501" }, `denied: ${text}`);
          await client.query("reset default_transaction_read_only");
        };
        const { rows: tables } = await client.query<{ name: string; column: string }>(
          `select format('%I.%I', table_schema, table_name) as name, min(column_name) as column from information_schema.columns
           where table_schema !~ '^pg_' and table_schema <> 'information_schema' group by 1 order by 1`,
        );
        assert.ok(tables.length > 3);
        for (const { name, column } of tables) {
          await denied(`insert into ${name} default values`);
          await denied(`update ${name} set "${column}" = default`);
          await denied(`delete from ${name}`);
          await denied(`truncate ${name}`);
        }
        await denied("create table planted ()");
        await denied("create schema planted");
      });
    });
  }

  it("can enter no other database", async () => {
    const url = new URL(readerUrl("order"));
    url.pathname = new URL(readerUrl("payment")).pathname;
    await assert.rejects(
      inside(url.href, async (client) => await client.query("select 1")),
      { code: "42501" },
    );
  });

  it("can run no function of a service that changes something", async () => {
    await inside(readerUrl("catalog"), async (client) => {
      await client.query("set default_transaction_read_only = off");
      await assert.rejects(client.query("select release_reservation('planted', 'x', 'x')"), {
        code: "42501",
      });
    });
  });
});
