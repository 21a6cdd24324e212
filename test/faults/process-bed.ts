// A shop of processes on one machine, with a part of it stopped, killed, cut off now and then, or without its database.
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { services } from "../../shop.ts";
import type { FaultState, Row } from "../../services/resilience.ts";
import type { LinkedShop } from "../lab/linked-shop.ts";

type Heal = () => Promise<void>;

/** Makes a part of the shop bad; resolves to the way to make it well again, or to nothing where that cannot be done here. */
export async function breakProcess(
  shop: LinkedShop,
  dependency: string,
  { is }: Row,
  state: FaultState,
): Promise<Heal | undefined> {
  // Programs of others have tests of their own, which start them.
  if (is === "outside") return undefined;
  const [name = ""] = dependency.split(" ");
  if (is === "database")
    return state === "gone" ? await loseDatabase(shop, name) : await lockTables(shop, name);
  const process = shop.process(name);
  switch (state) {
    case "slow":
      process.stop();
      return async () => await Promise.resolve(process.continue());
    case "gone":
      await process.kill();
      return async () => await process.start();
    case "flaky":
      return resetNowAndThen(shop, name);
    case "failing":
      return undefined;
  }
}

/** Nobody may connect, and whoever is connected is thrown out. */
async function loseDatabase(shop: LinkedShop, service: string): Promise<Heal> {
  const database = await databaseOf(service);
  const admin = new pg.Client({ connectionString: shop.postgres.adminUrl });
  await admin.connect();
  await admin.query(`alter database ${database} allow_connections false`);
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [database]);
  return async () => {
    await admin.query(`alter database ${database} allow_connections true`);
    await admin.end();
  };
}

/** Every table is held by somebody who does not let go. */
async function lockTables(shop: LinkedShop, service: string): Promise<Heal> {
  const database = await databaseOf(service);
  const holder = new pg.Client({ connectionString: shop.postgres.urlFor(database) });
  await holder.connect();
  const { rows } = await holder.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  await holder.query("begin");
  await holder.query(`lock table ${rows.map(({ name }) => name).join(", ")} in access exclusive mode`);
  return async () => {
    await holder.query("rollback");
    await holder.end();
  };
}

async function databaseOf(service: string): Promise<string> {
  const entry = services.find(({ name }) => name === service);
  const database = (await entry?.load())?.database;
  if (database === undefined) throw new Error(`The service ${service} has no database.`);
  return database;
}

/** Connections to it are reset again and again, and work in between. */
function resetNowAndThen(shop: LinkedShop, service: string): Heal {
  const links = shop.links.filter(({ edge }) => edge.to === service);
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      await Promise.all(links.map(({ proxy }) => proxy.set({ kind: "reset" })));
      await systemClock.sleep(100);
      await Promise.all(links.map(({ proxy }) => proxy.set({ kind: "none" })));
      await systemClock.sleep(400);
    }
  })();
  return async () => {
    isOver = true;
    await work;
  };
}
