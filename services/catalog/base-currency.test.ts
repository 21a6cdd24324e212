import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "#platform/database/db.ts";
import { findFact } from "#platform/database/facts.ts";
import { migrate, platformMigrations, readMigrations } from "#platform/database/migrate.ts";
import { migrateService } from "#platform/database/database-home.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { catalog } from "./service.ts";

/** What a database remembers once it is brought up to date from before base currencies were remembered. */
async function rememberedOf(currencyCode: string | undefined): Promise<string | undefined> {
  const url = await testDatabaseUrl("catalog");
  const ofTheKit = await readMigrations("platform", platformMigrations);
  const own = await readMigrations("catalog", new URL("./migrations/", import.meta.url));
  await migrate(url, [
    ...ofTheKit.slice(
      0,
      ofTheKit.findIndex(({ name }) => name === "remember-facts"),
    ),
    ...own.slice(
      0,
      own.findIndex(({ name }) => name === "tell-the-base-currency"),
    ),
  ]);
  const db = openDatabase({ url, name: "catalog", connectionsMax: 1, clock: systemClock, log: silentLog });
  try {
    if (currencyCode !== undefined) {
      await db.run(
        "insert into categories (id, slug, name) values (gen_random_uuid(), 'kitchen', 'Kitchen')",
      );
      await db.run(
        `insert into products (id, code, slug, name, description, price_minor, currency_code, category)
         values (gen_random_uuid(), 'ABCDEFGHIJ', 'mug', 'Mug', '', 100, $1, 'kitchen')`,
        [currencyCode],
      );
    }
    await migrateService(catalog, url);
    return await findFact(db, "base_currency");
  } finally {
    await db.close();
  }
}

test("old products say what the shop sells in; an old catalogue without any is one in dollars", async () => {
  assert.equal(await rememberedOf("EUR"), "EUR");
  assert.equal(await rememberedOf("USD"), "USD");
  assert.equal(await rememberedOf(undefined), "USD");
});
