// What the database of a service tells of itself, looked up in the background: whoever reads metrics never waits for a database.
import { statfs } from "node:fs/promises";
import {
  backupDrillLast,
  backupLast,
  backupSize,
  cacheHitRatio,
  databaseSize,
  deadlocks,
  diskFree,
  diskSize,
  serverConnections,
  serverConnectionsMax,
} from "#platform/telemetry/database-metrics.ts";
import { findBackupFact } from "./backup-facts.ts";
import type { Database, Queryable } from "./db.ts";
import type { Job } from "./jobs.ts";

const everyMs = 30_000;

interface DatabaseState {
  readonly sizeBytes: number;
  readonly connections: number;
  readonly connectionsMax: number;
  readonly blocksHit: number;
  readonly blocksRead: number;
  readonly deadlocks: number;
}

/**
 * Shows every half a minute how large the database of a service is, how full and how well its server works, and how old its last backup
 * and drill are: two short statements, on one connection of the pool.
 */
export function showDatabaseState(service: string, db: Database): Job {
  let before: DatabaseState | undefined;
  return {
    name: "show-database-state",
    everyMs,
    isExclusive: false,
    run: async () => {
      const state = await readDatabaseState(db);
      if (state) {
        show(service, state, before);
        before = state;
      }
      await showBackups(service, db);
    },
  };
}

/** Shows every half a minute how much room is left where this process keeps data; nothing where there is no such folder. */
export function showDisk(folder: string): Job {
  return {
    name: "show-disk",
    everyMs,
    isExclusive: false,
    run: async () => {
      const disk = await statfs(folder).catch(() => undefined);
      if (!disk) return;
      diskFree.set({ path: "data" }, disk.bavail * disk.bsize);
      diskSize.set({ path: "data" }, disk.blocks * disk.bsize);
    },
  };
}

async function readDatabaseState(db: Queryable): Promise<DatabaseState | undefined> {
  return await db.row<DatabaseState>(
    `select pg_database_size(current_database())::float8 as "sizeBytes",
       (select sum(numbackends) from pg_stat_database)::int as connections,
       current_setting('max_connections')::int as "connectionsMax",
       blks_hit::float8 as "blocksHit", blks_read::float8 as "blocksRead", deadlocks::float8 as deadlocks
     from pg_stat_database where datname = current_database()`,
  );
}

function show(service: string, now: DatabaseState, before: DatabaseState | undefined): void {
  databaseSize.set({ service }, now.sizeBytes);
  serverConnections.set({ service }, now.connections);
  serverConnectionsMax.set({ service }, now.connectionsMax);
  const since = before && before.blocksHit <= now.blocksHit ? before : undefined;
  const hit = now.blocksHit - (since?.blocksHit ?? 0);
  const asked = hit + now.blocksRead - (since?.blocksRead ?? 0);
  if (asked > 0) cacheHitRatio.set({ service }, hit / asked);
  // What a server counts begins anew when its statistics are reset.
  const isAhead = before !== undefined && before.deadlocks <= now.deadlocks;
  deadlocks.inc({ service }, now.deadlocks - (isAhead ? before.deadlocks : 0));
}

async function showBackups(service: string, db: Queryable): Promise<void> {
  const last = await findBackupFact(db, "backup.last");
  if (last) {
    backupLast.set({ service }, last.at.getTime() / 1000);
    backupSize.set({ service }, last.bytes);
  }
  const drill = await findBackupFact(db, "backup.drill");
  if (drill) backupDrillLast.set({ service }, drill.at.getTime() / 1000);
}
