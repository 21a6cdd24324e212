// Real databases for tests, each gone when its file ends.
import { after } from "node:test";
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

/** A migrated database of one service, with an open pool; both are gone when the test file ends. */
export async function testDatabase(service: AnyService, connectionsMax = 10): Promise<Database> {
  const url = await testDatabaseUrl(service.name);
  await migrateService(service, url);
  const db = openDatabase({ url, name: service.name, connectionsMax, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return db;
}
