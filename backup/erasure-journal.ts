// Who was forgotten since: kept beside the backups, newer than any of them, so that an old backup does not bring anybody back.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyErasures, exportErasures } from "#platform/activity/erasures.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { loadServices, type ShopFile } from "#platform/kit/shop-file.ts";
import { migrateService } from "#platform/database/database-home.ts";
import { openDatabase, sqlState, type Database } from "#platform/database/db.ts";
import { silentLog } from "#platform/telemetry/log.ts";

const journalName = "erasures.json";

/** By service, the ids of persons and when they were forgotten. */
type Journal = { readonly [service: string]: { readonly [person: string]: string } };

/** Adds to the journal of a folder of backups what this database knows. */
export async function keepErasures(place: string, service: string, db: Database): Promise<void> {
  const known = await exportErasures(db).catch((error: unknown) => {
    // A database of an older release has no such log yet.
    if (sqlState(error) === "42P01" || sqlState((error as Error).cause) === "42P01") return [];
    throw error;
  });
  if (known.length === 0) return;
  const journal = readJournal(place);
  const own = Object.fromEntries(known.map(({ person, erasedAt }) => [person, erasedAt.toISOString()]));
  const path = join(place, journalName);
  const content = { ...journal, [service]: { ...journal[service], ...own } };
  writeFileSync(`${path}.new`, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** Forgets again, in databases that were just restored, whoever was forgotten since. Answers how many that were. */
export async function forgetAgain(
  place: string,
  shop: ShopFile,
  urlFor: (database: string) => string,
): Promise<number> {
  const journal = readJournal(place);
  let count = 0;
  for (const service of await loadServices(shop)) {
    const persons = Object.keys(journal[service.name] ?? {});
    if (persons.length === 0 || service.database === undefined) continue;
    const url = urlFor(service.database);
    await migrateService(service, url);
    const db = openDatabase({ url, name: "erasures", connectionsMax: 1, clock: systemClock, log: silentLog });
    try {
      const own = await applyErasures(
        db,
        persons.map((person) => ({ person })),
      );
      count = Math.max(count, own);
    } finally {
      await db.close();
    }
  }
  return count;
}

function readJournal(place: string): Journal {
  const path = join(place, journalName);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Journal) : {};
}
