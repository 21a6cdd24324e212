// How the database of a service is, as the server itself counts.
import type { Queryable } from "#platform/database/db.ts";

/** One database, and the server that it is on. */
export interface DatabaseFigures {
  readonly sizeBytes: number;
  readonly connections: number;
  readonly connectionsMax: number;
  /** Part of the blocks that were found in memory, from 0 to 1. */
  readonly cacheHitRatio: number;
  readonly deadlocks: number;
}

/** Reads the counts of the server; a fresh database has found everything in memory. */
export async function readDatabaseFigures(db: Queryable): Promise<DatabaseFigures> {
  const row = await db.row<DatabaseFigures>(
    `select pg_database_size(current_database())::float8 as "sizeBytes",
       (select sum(numbackends) from pg_stat_database)::int as connections,
       current_setting('max_connections')::int as "connectionsMax",
       coalesce(blks_hit::float8 / nullif(blks_hit + blks_read, 0), 1) as "cacheHitRatio",
       deadlocks::float8 as deadlocks
     from pg_stat_database where datname = current_database()`,
  );
  return row ?? { sizeBytes: 0, connections: 0, connectionsMax: 0, cacheHitRatio: 1, deadlocks: 0 };
}
