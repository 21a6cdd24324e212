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

/** `isWhole`: the databases of the other services, too, for what is in every one. Throws a StartError when a database cannot be named or its reader cannot be made. */
export async function openAuditDatabases(
  shop: ShopFile,
  home: ReaderHome,
  { clock, log, isWhole = false }: { clock: Clock; log: Logger; isWhole?: boolean },
): Promise<AuditDatabases> {
  const byService = new Map<string, Database>();
  const close = async () => void (await Promise.all([...byService.values()].map((db) => db.close())));
  try {
    for (const { name, load } of shop.services) {
      const isAudited = auditedServices.some((audited) => audited === name);
      if (!isAudited && !isWhole) continue;
      const service = await load();
      if (!isAudited && service.database === undefined) continue;
      const url = await (isAudited ? home(service) : home(service).catch(() => undefined));
      if (url === undefined) {
        log.warn(`The database of ${name} cannot be read here, so that its activity log is not checked.`);
        continue;
      }
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
