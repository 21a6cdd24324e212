// Prometheus metrics: one registry for the process, the same names in every service.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** Everything that /metrics shows. */
export const registry = new Registry();

/** Seconds; fine enough for a 20 ms aim and coarse enough to be cheap. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const rpcSeconds = new Histogram({
  name: "stoa_rpc_server_seconds",
  help: "Time a service took to answer an RPC.",
  labelNames: ["service", "method", "code"] as const,
  buckets: latencyBuckets,
  registers: [registry],
});

export const neighbourBreaker = new Gauge({
  name: "stoa_neighbour_breaker",
  help: "Whether calls to a neighbour go through: 0 closed (they do), 1 half-open (one tries), 2 open (they are refused at once).",
  labelNames: ["service", "neighbour"] as const,
  registers: [registry],
});

export const neighbourCalls = new Counter({
  name: "stoa_neighbour_calls_total",
  help: "Tries of calls to a neighbour by outcome: ok, refused (it said no), timeout, unavailable, not_sent (the breaker or the limit of calls held it back) or canceled.",
  labelNames: ["service", "neighbour", "outcome"] as const,
  registers: [registry],
});

export const neighbourRetries = new Counter({
  name: "stoa_neighbour_retries_total",
  help: "Calls to a neighbour that were made once more because the way failed.",
  labelNames: ["service", "neighbour"] as const,
  registers: [registry],
});

export const httpSeconds = new Histogram({
  name: "stoa_http_request_seconds",
  help: "Time an HTTP request took.",
  labelNames: ["service", "route", "method", "status"] as const,
  buckets: latencyBuckets,
  registers: [registry],
});

export const httpShed = new Counter({
  name: "stoa_http_shed_total",
  help: "Requests refused with 503 because the process could not keep up, by whose turn they were: first, second or last.",
  labelNames: ["service", "precedence"] as const,
  registers: [registry],
});

export const gateLimit = new Gauge({
  name: "stoa_http_limit",
  help: "How many requests may be under way at once just now, as the process has measured it.",
  labelNames: ["service"] as const,
  registers: [registry],
});

export const taskDue = new Gauge({
  name: "stoa_tasks_due",
  help: "Waiting work that may be tried now, by name; deliveries of events are part of it.",
  labelNames: ["service", "name"] as const,
  registers: [registry],
});

export const taskDead = new Gauge({
  name: "stoa_tasks_dead",
  help: "Waiting work that was given up, by name; stoa tasks list shows it.",
  labelNames: ["service", "name"] as const,
  registers: [registry],
});

export const taskOldestSeconds = new Gauge({
  name: "stoa_tasks_oldest_seconds",
  help: "Age of the oldest waiting work that is neither done nor given up, by name.",
  labelNames: ["service", "name"] as const,
  registers: [registry],
});

export const taskAttempts = new Counter({
  name: "stoa_task_attempts_total",
  help: "Tries at waiting work, by name and outcome: done, failed, postponed or dead.",
  labelNames: ["service", "name", "outcome"] as const,
  registers: [registry],
});

export const databaseReads = new Counter({
  name: "stoa_reads_total",
  help: "Reads that a replica may answer, by who did: replica or primary. Only where there is a replica.",
  labelNames: ["service", "from"] as const,
  registers: [registry],
});

export const poolConnections = new Gauge({
  name: "stoa_db_pool_connections",
  help: "Database connections by state.",
  labelNames: ["service", "state"] as const,
  registers: [registry],
});

export const jobRuns = new Counter({
  name: "stoa_job_runs_total",
  help: "Runs of background jobs by outcome.",
  labelNames: ["service", "job", "outcome"] as const,
  registers: [registry],
});

export const certificateExpiry = new Gauge({
  name: "stoa_tls_certificate_expiry_seconds",
  help: "Unix time at which the certificate that is shown ends, by purpose: gRPC or HTTP.",
  labelNames: ["purpose"] as const,
  registers: [registry],
});

export const trustAsked = new Gauge({
  name: "stoa_trust_refreshed_seconds",
  help: "Unix time at which this process last got keys and revocations of tokens from the user service.",
  registers: [registry],
});

export const logLines = new Counter({
  name: "stoa_log_lines_total",
  help: "Lines of the log by kind (access, rpc, event, audit, app) and level, those that are only counted or not shown included.",
  labelNames: ["kind", "level"] as const,
  registers: [registry],
});

/** A counter of the business kind, made once and found again by name. */
export function counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
  const known = registry.getSingleMetric(name);
  if (known instanceof Counter) return known;
  return new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
}

/** Process metrics: CPU, memory, event-loop delay. Called once by the program. */
export function collectProcessMetrics(): void {
  collectDefaultMetrics({ register: registry });
}
