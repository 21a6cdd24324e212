import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { it } from "node:test";
import type { Environment } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { testFolder } from "#platform/testing/certificates.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import {
  migrateService,
  outsideHome,
  outsideServer,
  singleHome,
  type DatabaseHome,
} from "./database-home.ts";
import { openDatabase } from "./db.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";

const files = testFolder();

/** A service with one table. */
function serviceOf(name: string, table: string): AnyService {
  mkdirSync(files.path(name));
  files.write(`${name}/0001-create.sql`, `create table ${table} (id integer primary key);`);
  const migrations = pathToFileURL(`${files.path(name)}/`);
  return { name, config: {}, needs: {}, database: `${table}_db`, migrations, create: () => ({}) };
}

const first = serviceOf("catalog", "products");
const second = serviceOf("email", "mails");
const services = [first, second];

/** The names that charts give to one database and its account. */
async function seedStyle(): Promise<Environment> {
  const url = new URL(await testDatabaseUrl("seed_style"));
  return {
    DATABASE_HOST: url.hostname,
    DATABASE_PORT: url.port,
    POSTGRES_USER: url.username,
    POSTGRES_PASSWORD: decodeURIComponent(url.password),
    POSTGRES_DB: url.pathname.slice(1),
  };
}

async function tablesAt(url: string): Promise<string[]> {
  const db = openDatabase({ url, name: "test", connectionsMax: 1, clock: systemClock, log: silentLog });
  try {
    const rows = await db.rows<{ name: string }>(
      "select schemaname || '.' || tablename as name from pg_tables where tablename in ('products', 'mails', 'outbox') order by 1",
    );
    return rows.map(({ name }) => name);
  } finally {
    await db.close();
  }
}

const together = ["stoa_catalog.outbox", "stoa_catalog.products", "stoa_email.mails", "stoa_email.outbox"];

it("in one database that POSTGRES_DB names, services in one process and services alone have a schema each", async () => {
  for (const homeOf of [
    (environment: Environment): DatabaseHome => {
      const server = outsideServer(environment);
      assert.ok(server);
      return outsideHome(server, environment);
    },
    (environment: Environment): DatabaseHome => singleHome(environment),
  ]) {
    const environment = await seedStyle();
    const homes = await Promise.all(services.map(async (service) => await homeOf(environment)(service)));
    const counts = await Promise.all(
      services.map(async (service, at) => await migrateService(service, homes[at] ?? "")),
    );
    assert.ok(counts.every((count) => count > 0));
    assert.deepEqual(await tablesAt(homes[0] ?? ""), together);
    assert.equal(await migrateService(first, await homeOf(environment)(first)), 0);
  }
});

it("a service whose tables lie in the public schema stays there; another one beside it gets its own", async () => {
  const environment = await seedStyle();
  const { DATABASE_HOST, DATABASE_PORT, POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = environment;
  const plain = `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@${DATABASE_HOST}:${DATABASE_PORT}/${POSTGRES_DB}`;
  await migrateService(first, plain);
  assert.equal(await migrateService(first, await singleHome(environment)(first)), 0);
  await migrateService(second, await singleHome(environment)(second));
  assert.deepEqual(await tablesAt(plain), [
    "public.outbox",
    "public.products",
    "stoa_email.mails",
    "stoa_email.outbox",
  ]);
});

it("two services that would share tables by accident are refused in a sentence", async () => {
  const url = await testDatabaseUrl("shared");
  const environment = { DATABASE_URL: url };
  await migrateService(first, await singleHome(environment)(first));
  await assert.rejects(async () => await migrateService(second, await singleHome(environment)(second)), {
    name: "StartError",
    message:
      /^The database of email already holds the tables of catalog: two services may not share tables\. .*EMAIL_DATABASE_URL/,
  });
});

it("which name counts: the service's own URL, then DATABASE_URL, then DATABASE_HOST; TLS where none of them says it", async () => {
  const seeds = { DATABASE_HOST: "db.example", POSTGRES_USER: "u", POSTGRES_PASSWORD: "p@ss/word" };
  const url = "postgres://u:x@127.0.0.1/d";
  const of = async (environment: Environment) => await singleHome(environment)(first);
  assert.equal(await of({ ...seeds, DATABASE_URL: url, CATALOG_DATABASE_URL: `${url}2` }), `${url}2`);
  assert.equal(await of({ ...seeds, DATABASE_URL: url }), url);
  assert.equal(await of(seeds), "postgres://u:p%40ss%2Fword@db.example:5432/products_db");
  assert.equal(
    await of({ ...seeds, DATABASE_PORT: "tcp://10.0.0.9:5432" }),
    await of(seeds),
    "Kubernetes says so of a Service",
  );
  assert.equal(
    await of({ ...seeds, DATABASE_PORT: "6000" }),
    "postgres://u:p%40ss%2Fword@db.example:6000/products_db",
  );
  const tls = { DATABASE_SSLMODE: "verify-ca", DATABASE_CA_FILE: "/ca.pem" };
  assert.match(await of({ ...seeds, ...tls }), /\?sslmode=verify-ca&sslrootcert=%2Fca\.pem$/);
  assert.match(
    await of({ DATABASE_URL: `${url}?sslmode=disable`, ...tls }),
    /\?sslmode=disable&sslrootcert=/,
  );
  await assert.rejects(of({}), {
    name: "StartError",
    message: /Set DATABASE_URL \(or CATALOG_DATABASE_URL\)/,
  });
  for (const environment of [
    { ...seeds, POSTGRES_PASSWORD: "changeme123" },
    { DATABASE_URL: "postgres://u:changeme123@h/d" },
  ])
    await assert.rejects(of(environment), { name: "StartError", message: /an example value/ });
});
