// A shop that was restored and has not run since: work that was under way at its moment had no chance yet to go on.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadServices, type ShopFile } from "#platform/kit/shop-file.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { withParameters } from "#platform/database/connection.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import type { ReaderHome } from "#platform/database/reader-home.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { auditedServices } from "../audit/config.ts";
import { letItsClockGo, stopItsClock, stoppedClockPath } from "./survey-store.ts";

const markName = "restored.json";

/** Leaves word in a data folder of the moment that it was brought back to. */
export function markRestored(dataFolder: string, at: string): void {
  writeFileSync(join(dataFolder, markName), `${JSON.stringify({ at })}\n`, { mode: 0o600, flush: true });
}

/** The shop runs again. */
export function forgetRestored(dataFolder: string): void {
  rmSync(join(dataFolder, markName), { force: true });
}

/** The moment of a shop that has not run since it was restored. */
export function findRestoredMoment(dataFolder: string): string | undefined {
  const path = join(dataFolder, markName);
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, "utf8")) as { at: string }).at;
}

/** Lets readers of the books see them as of a moment, for as long as `work` takes. Only for a server on which no shop is at work. */
export async function asOf<T>(
  { shop, server, at }: { readonly shop: ShopFile; readonly server: EmbeddedPostgres; readonly at: string },
  home: ReaderHome,
  work: (home: ReaderHome) => Promise<T>,
): Promise<T> {
  const databases = (await loadServices(shop)).flatMap(({ name, database }) =>
    database !== undefined && auditedServices.some((one) => one === name) ? [database] : [],
  );
  const onEach = async (change: (db: Database) => Promise<void>) => {
    for (const database of databases) {
      const url = server.urlFor(database);
      const db = openDatabase({ url, name: "moment", connectionsMax: 1, clock: systemClock, log: silentLog });
      try {
        await change(db);
      } finally {
        await db.close();
      }
    }
  };
  await onEach(async (db) => await stopItsClock(db, at));
  try {
    return await work(async (service) => withParameters(await home(service), { options: stoppedClockPath }));
  } finally {
    await onEach(letItsClockGo);
  }
}
