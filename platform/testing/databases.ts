// Real databases for tests, each gone when its file ends.
import { after } from "node:test";
import pg from "pg";
import { migrateService } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { dropDatabase, provisionDatabase } from "#platform/database/provision.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { randomCode } from "#platform/kit/ids.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { silentLog } from "#platform/telemetry/log.ts";

/** The PostgreSQL that `npm test` starts. */
function adminUrl(): string {
  const url = process.env["TEST_DATABASE_URL"];
  if (!url)
    throw new Error(
      "Tests need TEST_DATABASE_URL. Run them with npm test, which starts a PostgreSQL of its own.",
    );
  return url;
}

/** A new database, dropped when the test file ends. Returns its URL. */
export async function testDatabaseUrl(name: string): Promise<string> {
  const database = `test_${name}_${randomCode(10).toLowerCase()}`;
  const role = database;
  const password = randomCode(24);
  await provisionDatabase({ adminUrl: adminUrl(), database, role, password });
  after(async () => await dropDatabase({ adminUrl: adminUrl(), database, role }));
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  url.username = role;
  url.password = password;
  return url.href;
}

/** The database goes dead: whoever is in it is thrown out, and nobody is let in. */
export async function endTestDatabase(url: string): Promise<void> {
  const database = new URL(url).pathname.slice(1);
  await asAdmin(async (client) => {
    await client.query(`alter database ${database} with allow_connections false`);
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
      database,
    ]);
  });
}

/** It is there again. */
export async function reviveTestDatabase(url: string): Promise<void> {
  const database = new URL(url).pathname.slice(1);
  await asAdmin(
    async (client) => await client.query(`alter database ${database} with allow_connections true`),
  );
}

/** The processes of the server that serve it, to be stopped and continued by signals. */
export async function processesOfTestDatabase(url: string): Promise<number[]> {
  const text = "select pid from pg_stat_activity where datname = $1";
  return await asAdmin(async (client) => {
    const { rows } = await client.query<{ pid: number }>(text, [new URL(url).pathname.slice(1)]);
    return rows.map(({ pid }) => pid);
  });
}

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A migrated database of one service, with an open pool; both are gone when the test file ends. */
export async function testDatabase(service: AnyService, connectionsMax = 10): Promise<Database> {
  const url = await testDatabaseUrl(service.name);
  await migrateService(service, url);
  const db = openDatabase({ url, name: service.name, connectionsMax, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return db;
}
