// Under the role of a reader everything can be audited and nothing can be changed, in any book.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { newRandomId, randomCode } from "#platform/kit/ids.ts";
import { provisionReader } from "#platform/database/provision.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { shop as file } from "../shop.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
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

const program = new URL("../main.ts", import.meta.url).pathname;

/** Runs the program with these settings and nothing else that names a database. */
function start(words: readonly string[], settings: Record<string, string>) {
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH: process.env["PATH"], LOG_LEVEL: "fatal", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { said: () => said, ended, child };
}

const readerSettings = Object.fromEntries(
  [...readers].map(([service, url]) => [`AUDIT_${service.toUpperCase()}_DATABASE_URL`, url]),
);

/** A process has to start first, which on a busy machine takes its time. */
async function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 60_000;
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() > untilMs) assert.fail(`Waited a minute in vain until ${what}.`);
    await systemClock.sleep(50);
  }
}

async function plant(text: string): Promise<void> {
  const [row] = await shop.database("order").rows<{ name: string }>("select current_database() as name");
  await inside(adminUrlOf(row?.name ?? ""), async (client) => {
    await client.query("set session_replication_role = replica");
    await client.query(text);
  });
}

describe("the audit in a process of its own", () => {
  it("answers like a service, shows what is broken and what is mended, and ends when it is told to", async () => {
    const [port = 0] = await freePorts(1);
    const settings = { ...readerSettings, AUDIT_SECONDS: "1", HTTP_PORT: String(port), HOST: "127.0.0.1" };
    const { child, ended, said } = start(["serve", "audit"], settings);
    after(() => child.kill("SIGKILL"));
    const get = async (path: string) =>
      await fetch(`http://127.0.0.1:${port}${path}`).then(
        async (answer) => ({ status: answer.status, text: await answer.text() }),
        () => ({ status: 0, text: "" }),
      );
    const violations = async (rule: string) => {
      const { text } = await get("/metrics");
      return new RegExp(`^stoa_invariant_violations{invariant="${rule}"} (\\d+)$`, "m").exec(text)?.[1];
    };
    await eventually("it is ready", async () => (await get("/ready")).status === 200);
    assert.equal((await get("/health")).status, 200);
    await eventually("it has looked", async () => (await violations("order-history")) === "0");
    assert.equal(await violations("order-cancels"), "0");
    assert.match((await get("/metrics")).text, /^stoa_invariants_checked_timestamp_seconds \d{10}$/m);
    await plant("update orders set status = 'shipped'");
    await eventually("it shows what is broken", async () => (await violations("order-history")) === "1");
    await plant("update orders set status = 'processing'");
    await eventually("it shows that it is mended", async () => (await violations("order-history")) === "0");
    child.kill("SIGTERM");
    assert.equal(await ended, 0, said());
  });

  it("names the setting it misses, in one sentence", async () => {
    const { AUDIT_PAYMENT_DATABASE_URL: _, ...settings } = readerSettings;
    const { ended, said } = start(["serve", "audit"], settings);
    assert.notEqual(await ended, 0);
    assert.match(said(), /reads the database of the payment service\. Set AUDIT_PAYMENT_DATABASE_URL/);
  });

  it("has nothing to do when AUDIT_SECONDS is 0", async () => {
    const { ended, said } = start(["serve", "audit"], { ...readerSettings, AUDIT_SECONDS: "0" });
    assert.notEqual(await ended, 0);
    assert.match(said(), /AUDIT_SECONDS is 0/);
  });

  it("goes by a service's own database where no reader is named", async () => {
    const { AUDIT_PAYMENT_DATABASE_URL: PAYMENT_DATABASE_URL = "", ...settings } = readerSettings;
    const { ended, said } = start(["check"], { ...settings, PAYMENT_DATABASE_URL });
    assert.equal(await ended, 0, said());
  });
});

describe("stoa check", () => {
  it("ends well when every rule holds, and not when one is broken", async () => {
    const sound = start(["check"], readerSettings);
    assert.equal(await sound.ended, 0, sound.said());
    assert.match(sound.said(), /All \d+ invariants hold/);
    await plant("update orders set status = 'shipped'");
    const broken = start(["check"], readerSettings);
    const code = await broken.ended;
    await plant("update orders set status = 'processing'");
    assert.notEqual(code, 0);
    assert.match(broken.said(), /BROKEN {2}order-history/);
    assert.match(broken.said(), /invariants do not hold/);
  });
});
