import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { dropDatabase, provisionDatabase } from "./provision.ts";
import { StartError } from "#platform/kit/start-error.ts";

const home = mkdtempSync(join(tmpdir(), "stoa-provision-"));
const quiet = { info: () => undefined, error: () => undefined };
let postgres: EmbeddedPostgres;

before(async () => {
  postgres = await startEmbeddedPostgres({ dataDir: home, log: quiet, fsync: false });
});
after(async () => {
  await postgres.stop();
  rmSync(home, { recursive: true });
});

const services = ["catalog", "cart", "order"];
const wishFor = (name: string, password = `${name}'s "secret"`) => ({
  adminUrl: postgres.adminUrl,
  database: `${name}_db`,
  role: name,
  password,
});
const urlFor = (role: string, database: string, password = wishFor(role).password) =>
  postgres.urlFor(database, { name: role, password });

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

test("every role can use its own database and connect to no other one", async () => {
  for (const name of services) await provisionDatabase(wishFor(name));
  for (const role of services) {
    await query(urlFor(role, `${role}_db`), "CREATE TABLE IF NOT EXISTS own (n int)");
    const others = services.filter((name) => name !== role).map((name) => `${name}_db`);
    for (const database of [...others, "postgres", "template1"]) {
      await assert.rejects(
        query(urlFor(role, database), "SELECT 1"),
        { code: "42501" },
        `${role} to ${database}`,
      );
    }
  }
});

test("running again keeps the data and sets the password anew", async () => {
  await provisionDatabase(wishFor("payment"));
  await query(urlFor("payment", "payment_db"), "CREATE TABLE kept AS SELECT 1 AS n");
  await provisionDatabase(wishFor("payment", "another"));
  assert.deepEqual(await query(urlFor("payment", "payment_db", "another"), "SELECT n FROM kept"), [{ n: 1 }]);
  await assert.rejects(query(urlFor("payment", "payment_db"), "SELECT 1"), { code: "28P01" });
});

test("many that provision the same database at once all succeed", async () => {
  await Promise.all(Array.from({ length: 8 }, () => provisionDatabase(wishFor("user"))));
  assert.equal((await query(urlFor("user", "user_db"), "SELECT 1")).length, 1);
});

test("an owner may create the extensions that search needs", async () => {
  await provisionDatabase(wishFor("search"));
  await query(urlFor("search", "search_db"), "CREATE EXTENSION pg_trgm");
});

test("an admin without superuser rights is enough; one that may not create is told what it lacks", async () => {
  const create = (name: string, rights: string) =>
    query(
      postgres.adminUrl,
      `CREATE ROLE ${name} LOGIN ${rights} PASSWORD 'p'; GRANT CONNECT ON DATABASE postgres TO ${name}`,
    );
  await create("modest", "CREATEDB CREATEROLE");
  await create("powerless", "");
  const adminUrl = (name: string) => postgres.urlFor("postgres", { name, password: "p" });
  await provisionDatabase({ ...wishFor("shipping"), adminUrl: adminUrl("modest") });
  assert.equal((await query(urlFor("shipping", "shipping_db"), "SELECT 1")).length, 1);
  const refused = provisionDatabase({ ...wishFor("email"), adminUrl: adminUrl("powerless") });
  await assert.rejects(refused, /give it CREATEDB and CREATEROLE/);
});

test("an admin without superuser rights can be the owner of the databases itself", async () => {
  await query(postgres.adminUrl, "CREATE ROLE sole LOGIN CREATEDB CREATEROLE PASSWORD 'pw'");
  const adminUrl = urlFor("sole", "postgres", "pw");
  await query(postgres.adminUrl, "GRANT CONNECT ON DATABASE postgres TO sole");
  for (const database of ["first_db", "second_db", "first_db"])
    await provisionDatabase({ adminUrl, database, role: "sole", password: "pw" });
  await query(urlFor("sole", "second_db", "pw"), "CREATE TABLE own (n int)");
});

test("a wrong database URL is refused with a sentence that does not tell the password", async () => {
  const wrong = new URL(postgres.adminUrl);
  wrong.password = "hunter2";
  const cases: [string, RegExp][] = [
    [wrong.href, /refuses the admin's user name or password/],
    ["postgres://admin:hunter2@127.0.0.1:1/postgres", /127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/],
    ["https://admin:hunter2@127.0.0.1/", /The database URL is not valid/],
    ["hunter2", /The database URL is not valid/],
  ];
  for (const [adminUrl, expected] of cases) {
    await assert.rejects(provisionDatabase({ ...wishFor("ad"), adminUrl }), (error: unknown) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }
});

test("a name that PostgreSQL would cut is refused", async () => {
  await assert.rejects(provisionDatabase({ ...wishFor("ad"), database: "é".repeat(32) }), /1 to 63 bytes/);
});

test("dropping removes database and role, even with a client connected, and again is no error", async () => {
  await provisionDatabase(wishFor("gone"));
  const client = new pg.Client({ connectionString: urlFor("gone", "gone_db") });
  client.on("error", () => undefined);
  await client.connect();
  const { adminUrl, database, role } = wishFor("gone");
  await dropDatabase({ adminUrl, database, role });
  await dropDatabase({ adminUrl, database, role });
  await assert.rejects(query(urlFor("gone", "gone_db"), "SELECT 1"), { code: "28P01" });
  await client.end();
});
