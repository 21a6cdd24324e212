// What a process does with databases and what these tell of themselves, as metrics.
import { Counter, Gauge, Histogram } from "prom-client";
import { registry } from "./metrics.ts";

const registers = [registry];
const service = ["service"] as const;

/** Statements by name; few bounds, because there are hundreds of names. */
export const statementSeconds = new Histogram({
  name: "db_client_operation_duration_seconds",
  help: "How long the database took for a statement, by the function of the code that sends it; waiting for a connection is not part of it. The slowest names are where to look when answers get slow.",
  labelNames: ["service", "db_query_summary"] as const,
  buckets: [0.002, 0.01, 0.05, 0.2, 1],
  registers,
});

export const connectionWaitSeconds = new Histogram({
  name: "db_client_connection_wait_time_seconds",
  help: "How long a piece of work waited for a database connection of its process. More than a few milliseconds: the pool is too small (DATABASE_POOL_MAX), or the database too slow.",
  labelNames: service,
  buckets: [0.001, 0.01, 0.05, 0.2, 1, 5],
  registers,
});

/** What a pool of connections tells when it is asked. */
export interface PoolState {
  readonly name: string;
  readonly idle: number;
  readonly used: number;
  readonly waiting: number;
  readonly max: number;
}

const pools = new Set<() => PoolState>();

/** Shows a pool until the returned function is called. It is asked when metrics are read, and costs nothing else. */
export function showPool(state: () => PoolState): () => void {
  pools.add(state);
  return () => void pools.delete(state);
}

const connectionCount = new Gauge({
  name: "db_client_connection_count",
  help: "Open database connections of this process, by state: used ones are at work, idle ones wait for some.",
  labelNames: ["service", "state"] as const,
  registers,
  collect: () => {
    connectionCount.reset();
    for (const state of pools) {
      const { name, idle, used } = state();
      connectionCount.inc({ service: name, state: "idle" }, idle);
      connectionCount.inc({ service: name, state: "used" }, used);
    }
  },
});

const connectionMax = new Gauge({
  name: "db_client_connection_max",
  help: "Database connections that this process may have at most (DATABASE_POOL_MAX).",
  labelNames: service,
  registers,
  collect: () => {
    connectionMax.reset();
    for (const state of pools) connectionMax.inc({ service: state().name }, state().max);
  },
});

const connectionWaiting = new Gauge({
  name: "db_client_connection_pending_requests",
  help: "Pieces of work that wait for a database connection at this moment. Above 0 for long, the pool is too small or the database too slow.",
  labelNames: service,
  registers,
  collect: () => {
    connectionWaiting.reset();
    for (const state of pools) connectionWaiting.inc({ service: state().name }, state().waiting);
  },
});

export const databaseSize = new Gauge({
  name: "stoa_database_size_bytes",
  help: "Size of the database of a service on disk. Every replica of the service tells the same: take the largest, not the sum.",
  labelNames: service,
  registers,
});

export const serverConnections = new Gauge({
  name: "stoa_database_connections",
  help: "Connections of all programs to the database server that a service uses. At stoa_database_connections_max it refuses new ones. Services on one server tell the same: take the largest.",
  labelNames: service,
  registers,
});

export const serverConnectionsMax = new Gauge({
  name: "stoa_database_connections_max",
  help: "Connections that the database server of a service lets in at most (max_connections).",
  labelNames: service,
  registers,
});

export const cacheHitRatio = new Gauge({
  name: "stoa_database_cache_hit_ratio",
  help: "Share of the blocks that the database found in its memory since the last look, from 0 to 1. Below 0.95 for long, the server has too little memory (shared_buffers).",
  labelNames: service,
  registers,
});

export const deadlocks = new Counter({
  name: "stoa_database_deadlocks_total",
  help: "Transactions that the database ended because they waited for each other; they are made again. Many of them point to a fault in the code. Every replica of the service tells the same: take the largest.",
  labelNames: service,
  registers,
});

export const diskFree = new Gauge({
  name: "stoa_disk_free_bytes",
  help: "Room left on the disk where this process keeps data (STOA_DATA). At 0 nothing can be written any more, and the shop stands still.",
  labelNames: ["path"] as const,
  registers,
});

export const diskSize = new Gauge({
  name: "stoa_disk_size_bytes",
  help: "Size of the disk where this process keeps data (STOA_DATA).",
  labelNames: ["path"] as const,
  registers,
});

export const outboxLag = new Gauge({
  name: "stoa_outbox_lag_seconds",
  help: "Age of the oldest event of a service that has not reached everybody who hears it. Above a minute, a hearer or the broker is away, and what should follow from the event is late.",
  labelNames: service,
  registers,
});

export const backupLast = new Gauge({
  name: "stoa_backup_last_success_timestamp_seconds",
  help: "Unix time of the last backup of a service's database that succeeded; absent when there is none. Older than a day and a half, look why no newer one was made.",
  labelNames: service,
  registers,
});

export const backupDrillLast = new Gauge({
  name: "stoa_backup_drill_last_success_timestamp_seconds",
  help: "Unix time at which a backup of a service's database was last restored for practice, with all invariants well; absent when it never was.",
  labelNames: service,
  registers,
});

export const backupSize = new Gauge({
  name: "stoa_backup_size_bytes",
  help: "Size of the last backup that succeeded and that holds this service's database.",
  labelNames: service,
  registers,
});
