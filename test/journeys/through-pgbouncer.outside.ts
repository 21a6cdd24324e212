import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { migrateService, outsideHome } from "#platform/database/database-home.ts";
import { openDatabase } from "#platform/database/db.ts";
import { inSnapshot } from "#platform/database/snapshot.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { startEmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startPgBouncer } from "#platform/testing/pgbouncer.ts";
import { services } from "../../shop.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

const skip = skipWithout("pgbouncer");
const opened = skip === false ? await open() : (undefined as never);

async function open() {
  const dataDir = mkdtempSync(join(tmpdir(), "stoa-pooled-"));
  const log = { info: () => undefined, error: () => undefined };
  const postgres = await startEmbeddedPostgres({ dataDir, log, fsync: false });
  after(async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const url = await startPgBouncer(postgres);
  return { postgres, url };
}

const definitionOf = async (wanted: string) =>
  (await services.find(({ name }) => name === wanted)?.load()) ?? assert.fail(`no service ${wanted}`);

const openPooled = (url: string, isReadOnly = false) => {
  const name = `pooled${isReadOnly ? "-reader" : ""}`;
  const db = openDatabase({ url, name, connectionsMax: 10, isReadOnly, clock: systemClock, log: silentLog });
  after(async () => await db.close());
  return db;
};

it(
  "the whole shop makes its databases, migrates them and sells through PgBouncer in transaction mode",
  { skip },
  async () => {
    const shop = await openBackEnd({ home: outsideHome({ url: opened.url, isShared: false }, {}) });
    const items = [{ productId: "6E92ZMYYFZ", quantity: 1 }];
    const orders = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const request = orderRequest({ userId: newRandomId(), items });
        const { order } = await shop.checkout.placeOrder(request, { timeoutMs: 30_000 });
        return order ?? assert.fail("no order");
      }),
    );
    const [first] = orders;
    assert.ok(first);
    await shop.order.updateStatus({ orderId: first.id, status: "cancelled" });
    assert.equal((await shop.order.getOrder({ id: first.id })).order?.status, "cancelled");
    await shop.mustBeSound();
  },
);

it(
  "limits hold in transactions, none of them stays with others, and a snapshot is one",
  { skip },
  async () => {
    const url = new URL(opened.url);
    const db = openPooled(url.href);
    const limits =
      "select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock";
    const set = { statement: "10s", lock: "5s" };
    assert.deepEqual(await db.inTransaction(async (tx) => await tx.row(limits)), set);
    await inSnapshot(db, async (tx) => assert.deepEqual(await tx.row(limits), { ...set, statement: "0" }));
    for (let round = 0; round < 10; round += 1)
      assert.deepEqual(await db.row(limits), { statement: "0", lock: "0" });
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        assert.deepEqual(await db.row(`select $1::int as v${index % 7}`, [index]), {
          [`v${index % 7}`]: index,
        });
      }),
    );
  },
);

it("services that share a database keep to their schemas", { skip }, async () => {
  const home = outsideHome({ url: opened.url, isShared: true }, {});
  const databases = [];
  for (const name of ["cart", "order"]) {
    const definition = await definitionOf(name);
    const url = await home(definition);
    await migrateService(definition, url);
    databases.push({ name, db: openPooled(url) });
  }
  for (let round = 0; round < 10; round += 1)
    for (const { name, db } of databases) {
      assert.deepEqual(await db.row("select current_schema() as schema"), { schema: `stoa_${name}` });
      assert.deepEqual(
        await db.inTransaction(async (tx) => await tx.row("select current_schema() as schema")),
        {
          schema: `stoa_${name}`,
        },
      );
    }
  const reader = openPooled(await home(await definitionOf("order")), true);
  await assert.rejects(reader.run("delete from orders"), /read-only/);
});

it(
  "a migration outside transactions wants the server itself where services share a database, and gets it",
  { skip },
  async () => {
    const payment = await definitionOf("payment");
    const home = outsideHome({ url: opened.url, isShared: true }, {});
    const url = await home(payment);
    await assert.rejects(migrateService(payment, url), /Set DATABASE_DIRECT_URL to the server itself/);
    const direct = { DATABASE_DIRECT_URL: opened.postgres.adminUrl };
    assert.ok((await migrateService(payment, url, direct)) > 0);
    const rows = await openPooled(url).rows("select id from payments where id = $1", [newId()]);
    assert.deepEqual(rows, []);
  },
);
