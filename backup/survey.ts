// A look at a server that a backup was put back into: what is in each database, and whether every rule holds on the books.
import { audit, booksOf } from "../audit/audit.ts";
import { auditedServices } from "../audit/config.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { loadServices, type ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { withParameters } from "#platform/database/connection.ts";
import { migrateService, migrationsOf } from "#platform/database/database-home.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import type { Survey } from "./manifest.ts";
import {
  countRows,
  findNewestOrder,
  letItsClockGo,
  listDatabases,
  listMigrations,
  stopItsClock,
  stoppedClockPath,
} from "./survey-store.ts";

/** Where the databases to look at are, for somebody who may do everything there. */
export interface Surveyed {
  readonly shop: ShopFile;
  readonly urlFor: (database: string) => string;
  /** The moment that the copy stands for. */
  readonly at: string;
  readonly onStep: (step: string) => void;
}

/** Work younger than this, at the moment of the copy, may have been under way. */
const restSeconds = 10;

/**
 * Counts, and checks every rule as of the copy's moment. Databases of an older release are first brought to what the rules are written for: only
 * ever a copy is looked at.
 */
export async function surveyCopy(surveyed: Surveyed): Promise<Survey> {
  const { shop, onStep } = surveyed;
  onStep("counting what is in it");
  const rows = await readRows(surveyed);
  const services = (await loadServices(shop)).filter(({ database }) => database !== undefined);
  const migrations: Record<string, string[]> = {};
  let newestOrder: Survey["newestOrder"] = null;
  for (const { name, database = "" } of services) {
    if (!(database in rows)) continue;
    await withCopy(surveyed.urlFor(database), async (db) => {
      migrations[name] = "schema_migrations" in (rows[database] ?? {}) ? await listMigrations(db) : [];
      if (name === "order" && "orders" in (rows[database] ?? {})) newestOrder = await findNewestOrder(db);
    });
  }
  onStep("checking every rule on the books");
  const invariants = await judge(surveyed, new Set(Object.keys(rows)));
  return { migrations, rows, newestOrder, invariants };
}

/** Throws a StartError for databases that a newer program has changed. */
export async function requireKnownMigrations(shop: ShopFile, survey: Survey): Promise<void> {
  for (const service of await loadServices(shop)) {
    const had = survey.migrations[service.name] ?? [];
    const known = new Set(
      (await migrationsOf(service)).map(({ scope, number, name }) => `${scope}/${number}-${name}`),
    );
    const unknown = had.find((name) => !known.has(name));
    if (unknown !== undefined)
      throw new StartError(
        `This backup was made by a newer Stoa: its ${service.name} database has the migration ${unknown}, which this program does not know. Restore it with the version that made it.`,
      );
  }
}

/** One line for each table that has another number of rows than it should. */
export function differencesOf(expected: Survey["rows"], found: Survey["rows"]): string[] {
  const lines: string[] = [];
  for (const [database, tables] of Object.entries(expected))
    for (const [table, count] of Object.entries(tables)) {
      const there = found[database]?.[table];
      if (there !== count)
        lines.push(`${database}.${table} has ${there ?? "no"} rows; the manifest says ${count}`);
    }
  return lines;
}

async function readRows({ urlFor }: Surveyed): Promise<Record<string, Record<string, number>>> {
  const rows: Record<string, Record<string, number>> = {};
  const names = await withCopy(urlFor("postgres"), listDatabases);
  for (const name of names) rows[name] = await withCopy(urlFor(name), countRows);
  return rows;
}

async function judge(surveyed: Surveyed, there: ReadonlySet<string>): Promise<Survey["invariants"]> {
  const { shop, urlFor, at } = surveyed;
  const audited = (await loadServices(shop)).filter(({ name }) =>
    auditedServices.some((one) => one === name),
  );
  // A shop that was filled and never served has not all of its databases yet, and no books either.
  if (audited.some(({ database }) => !there.has(database ?? ""))) return [];
  const databases = new Map<string, Database>();
  try {
    for (const service of audited) {
      const url = urlFor(service.database ?? "");
      await migrateService(service, url);
      await withCopy(url, async (db) => await stopItsClock(db, at));
      databases.set(service.name, openCopy(withParameters(url, { options: stoppedClockPath })));
    }
    const findings = await audit(booksOf(databases), { restSeconds }, systemClock);
    return findings.map(({ invariant, violations }) => ({ id: invariant.id, violations: violations.length }));
  } finally {
    for (const db of databases.values()) await db.close();
    for (const { database = "" } of audited)
      await withCopy(urlFor(database), letItsClockGo).catch(() => undefined);
  }
}

async function withCopy<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = openCopy(url);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

function openCopy(url: string): Database {
  return openDatabase({ url, name: "backup", connectionsMax: 1, clock: systemClock, log: silentLog });
}
