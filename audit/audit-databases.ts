import type { Clock } from "#platform/kit/clock.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { openDatabase, type Database } from "#platform/database/db.ts";
import type { ReaderHome } from "#platform/database/reader-home.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { auditedServices } from "./config.ts";

/** The databases whose books the audit reads, one connection each, in sessions that PostgreSQL lets change nothing. */
export interface AuditDatabases {
  readonly byService: ReadonlyMap<string, Database>;
  close(): Promise<void>;
}

/** Throws a StartError when a database cannot be named or its reader cannot be made. */
export async function openAuditDatabases(
  shop: ShopFile,
  home: ReaderHome,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<AuditDatabases> {
  const byService = new Map<string, Database>();
  const close = async () => void (await Promise.all([...byService.values()].map((db) => db.close())));
  try {
    for (const { name, load } of shop.services) {
      if (!auditedServices.some((audited) => audited === name)) continue;
      const url = await home(await load());
      byService.set(
        name,
        openDatabase({ url, name: `audit-${name}`, connectionsMax: 1, isReadOnly: true, clock, log }),
      );
    }
    return { byService, close };
  } catch (error) {
    await close();
    throw error;
  }
}
