// Faults of a running shop, each made for real, and the alerts that must tell of it.
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import pg from "pg";
import { buyOverRest, callRest, newGuest } from "../lab/rest-buyer.ts";
import { declined, keepDoing, type World } from "./world.ts";

type Heal = () => Promise<void>;

export interface Fault {
  readonly says: string;
  readonly alerts: readonly string[];
  readonly inject: (world: World) => Promise<Heal | undefined>;
}

const dayMs = 86_400_000;
const ago = (days: number) => new Date(systemClock.now().getTime() - days * dayMs);

/** Writes what a backup or a drill leaves behind, and lets the service read it. */
export async function writeFact(
  world: World,
  { service, name, at, bytes }: { service: string; name: string; at: Date; bytes: number },
): Promise<void> {
  const db = await world.database(service);
  const value = JSON.stringify({ at: at.toISOString(), bytes, path: "/somewhere", ok: true });
  const text = "insert into facts (name, value) values ($1, $2) on conflict (name) do update set value = $2";
  await db.query(text, [name, value]);
  await world.shop.process(service).end();
  await world.shop.process(service).start();
}

/** What a shop without backups and without an audit is told, before it has them. */
export const before: readonly Fault[] = [
  {
    says: "no backup was ever made, and nobody looks at the books",
    alerts: ["BackupMissing", "InvariantsNeverChecked"],
    inject: async () => await Promise.resolve(undefined),
  },
  {
    says: "a backup that was never restored for trial",
    alerts: ["DrillMissing"],
    inject: async (world) => {
      await writeFact(world, { service: "ad", name: "backup.last", at: ago(0), bytes: 1_000_000 });
      return undefined;
    },
  },
];

/** What is wrong and stays wrong: all of it at once. */
export const states: readonly Fault[] = [
  {
    says: "stock that no movement explains",
    alerts: ["InvariantViolated"],
    inject: async (world) => {
      const db = await world.database("catalog");
      const change =
        "update stock set on_hand = on_hand + $1 where variant_id = (select variant_id from stock order by variant_id limit 1)";
      await db.query(change, [7]);
      return async () => void (await db.query(change, [-7]));
    },
  },
  {
    says: "a mail server that is gone, and a mail that is given up",
    alerts: ["MailsFail", "WorkWaits", "WorkGivenUp"],
    inject: async (world) => {
      const { shop, productId } = world;
      const [closed = 0] = await freePorts(1);
      const email = shop.process("email");
      const was = email.environment;
      await email.end();
      email.environment = { ...was, EMAIL_TRANSPORT: "smtp", EMAIL_SMTP_URL: `smtp://127.0.0.1:${closed}` };
      await email.start();
      for (let count = 0; count < 8; count += 1) await buyOverRest(shop.origin, productId);
      const db = await world.database("email");
      await untilRow(db, "select 1 from tasks where done_at is null and name = 'send-mail'");
      await db.query(
        "update tasks set dead_at = now() where key = (select min(key) from tasks where done_at is null and name = 'send-mail')",
      );
      return async () => {
        await email.end();
        email.environment = was;
        await email.start();
      };
    },
  },
  {
    says: "a certificate that ends in two days",
    alerts: ["CertificateEnds", "CertificateEndsSoon"],
    inject: async ({ encrypted }) => {
      await encrypted.start();
      return async () => await encrypted.kill();
    },
  },
  {
    says: "a last backup of two days ago that is small, and a drill of forty days ago",
    alerts: ["BackupOld", "BackupShrunk", "DrillOld"],
    inject: async (world) => {
      await writeFact(world, { service: "ad", name: "backup.last", at: ago(2), bytes: 400_000 });
      await writeFact(world, { service: "recommendation", name: "backup.drill", at: ago(40), bytes: 0 });
      return undefined;
    },
  },
  {
    says: "statements that wait for each other",
    alerts: ["DatabaseDeadlocks"],
    inject: async (world) => {
      const pair = await Promise.all([world.database("cart"), world.database("cart")]);
      return await Promise.resolve(keepDoing(async () => await deadlock(pair), { pauseMs: 500 }));
    },
  },
  {
    says: "a database server without a connection to spare",
    alerts: ["DatabaseConnectionsNearlyUsed"],
    inject: async (world) => {
      const admin = new pg.Client({ connectionString: world.shop.postgres.adminUrl });
      await admin.connect();
      const { rows } = await admin.query<{ free: number }>(
        "select (current_setting('max_connections')::int * 0.9)::int - count(*)::int as free from pg_stat_activity where backend_type = 'client backend'",
      );
      const held = Array.from(
        { length: Math.max(0, rows[0]?.free ?? 0) },
        () => new pg.Client({ connectionString: world.shop.postgres.adminUrl }),
      );
      await Promise.all(held.map(async (client) => await client.connect()));
      return async () => {
        await Promise.all([admin, ...held].map(async (client) => await client.end()));
      };
    },
  },
  {
    says: "rates that nobody has confirmed for ten days",
    alerts: ["RatesOld"],
    inject: async (world) => {
      const db = await world.database("currency");
      await db.query(
        "update rate_snapshots set confirmed_at = now() - interval '10 days', published_on = published_on - 10",
      );
      await world.shop.process("currency").end();
      await world.shop.process("currency").start();
      return undefined;
    },
  },
];

/** Parts of the shop that are gone, and what is not done because of it. */
export const gone: readonly Fault[] = [
  {
    says: "a process that is killed and started, again and again",
    alerts: ["ProcessRestarts"],
    inject: async ({ shop }) => {
      for (let count = 0; count < 4; count += 1) {
        await shop.process("ad").kill();
        await shop.process("ad").start();
        await systemClock.sleep(1_500);
      }
      return undefined;
    },
  },
  {
    says: "a process that is killed",
    alerts: ["ProcessMissing", "BreakerOpen"],
    inject: async (world) => {
      const { shop } = world;
      await shop.process("recommendation").kill();
      const stop = keepDoing(
        () => callRest(shop.origin, "GET", `/api/recommendations?productIds=${world.productId}`),
        { pauseMs: 50, parallel: 2 },
      );
      return async () => {
        await stop();
        await shop.process("recommendation").start();
      };
    },
  },
  {
    says: "a receiver of events that is gone",
    alerts: ["OutboxLags"],
    inject: async ({ shop, productId }) => {
      await shop.process("email").kill();
      await buyOverRest(shop.origin, productId);
      return async () => await shop.process("email").start();
    },
  },
];

/** Orders that do not come to their end, while nobody else buys. */
export const unsold: readonly Fault[] = [
  {
    says: "every card is declined",
    alerts: ["OrdersStopped", "PaymentsDeclined"],
    inject: async ({ shop: { origin }, productId }) =>
      await Promise.resolve(keepDoing(() => declined({ origin, productId }), { pauseMs: 500 })),
  },
];

export const stuck: readonly Fault[] = [
  {
    says: "payment stands still while somebody buys",
    alerts: ["CheckoutStuck"],
    inject: async ({ shop, productId }) => {
      shop.process("payment").stop();
      const buying = buyOverRest(shop.origin, productId);
      return async () => {
        shop.process("payment").continue();
        await buying;
      };
    },
  },
  {
    says: "the database of the orders is gone",
    alerts: [
      "AvailabilityBudgetBurnsFast",
      "AvailabilityBudgetBurnsSlowly",
      "HttpErrorsSpike",
      "RpcErrorsSpike",
      "InvariantsNotChecked",
    ],
    inject: async ({ shop }) => {
      const url = new URL(shop.process("order").environment["DATABASE_URL"] ?? "");
      const name = url.pathname.slice(1);
      const admin = new pg.Client({ connectionString: shop.postgres.adminUrl });
      await admin.connect();
      await admin.query(`alter database ${name} allow_connections false`);
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
      const { userId, token } = await newGuest(shop.origin);
      const stop = keepDoing(() => callRest(shop.origin, "GET", `/api/orders/user/${userId}`, { token }), {
        pauseMs: 50,
        parallel: 2,
      });
      return async () => {
        await stop();
        await admin.query(`alter database ${name} allow_connections true`);
        await admin.end();
      };
    },
  },
];

/** Everything is there, and too slow or too full. */
export const slow: readonly Fault[] = [
  {
    says: "tables that somebody locks again and again",
    alerts: ["DatabasePoolWaits", "DatabaseQueriesSlow"],
    inject: async (world) => {
      const db = await world.database("cart");
      const { rows } = await db.query<{ name: string }>(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      const tables = rows.map(({ name }) => name).join(", ");
      const locking = keepDoing(
        async () => {
          await db.query("begin");
          await db.query(`lock table ${tables} in access exclusive mode`);
          await systemClock.sleep(700);
          await db.query("commit");
        },
        { pauseMs: 50 },
      );
      const { token } = await newGuest(world.shop.origin);
      const body = { productId: world.productId, quantity: 1 };
      const asking = keepDoing(
        () => callRest(world.shop.origin, "POST", "/api/cart/me/items", { token, body }),
        { parallel: 24 },
      );
      return async () => {
        await asking();
        await locking();
      };
    },
  },
  {
    says: "a gateway that others keep from the processor",
    alerts: ["EventLoopSlow", "LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly"],
    inject: async ({ shop }) => {
      const gateway = shop.process("gateway");
      const holding = keepDoing(
        async () => {
          gateway.stop();
          await systemClock.sleep(330);
          gateway.continue();
        },
        { pauseMs: 70 },
      );
      const asking = keepDoing(() => callRest(shop.origin, "GET", "/api/products"), { parallel: 8 });
      return async () => {
        await asking();
        await holding();
        gateway.continue();
      };
    },
  },
];

export const full: readonly Fault[] = [
  {
    says: "far more visitors than the shop can serve",
    alerts: ["RequestsShed"],
    inject: async ({ shop }) =>
      await Promise.resolve(
        keepDoing(() => callRest(shop.origin, "GET", "/api/products/search?q=a&facets=true"), {
          parallel: 600,
        }),
      ),
  },
];

async function deadlock([first, second]: readonly [pg.Client, pg.Client]): Promise<void> {
  await Promise.all([first.query("begin"), second.query("begin")]);
  await first.query("select pg_advisory_xact_lock(1)");
  await second.query("select pg_advisory_xact_lock(2)");
  await Promise.allSettled([
    first.query("select pg_advisory_xact_lock(2)"),
    second.query("select pg_advisory_xact_lock(1)"),
  ]);
  await Promise.all([first.query("rollback"), second.query("rollback")]);
}

async function untilRow(db: pg.Client, text: string): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 20_000;
  while (((await db.query(text)).rowCount ?? 0) === 0) {
    if (systemClock.monotonicMs() > untilMs) throw new Error(`Nothing came: ${text}`);
    await systemClock.sleep(100);
  }
}
