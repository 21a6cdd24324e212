// Prometheus metrics: one registry for the process, the same names in every service.
import { getHeapStatistics } from "node:v8";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { ownVersion } from "#platform/kit/version.ts";

/** Everything that /metrics shows. */
export const registry = new Registry();

/** Seconds; fine where answers usually are and around the 200 ms that people are promised, which is a bound itself. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10];
/** For what is told apart by many labels: each bound costs memory for each of their values. */
const fewBuckets = [0.005, 0.025, 0.1, 0.2, 0.5, 2.5];

/** What a service answered. The method is the whole name of the contract, and the status that of gRPC: OK, NOT_FOUND, … */
export const rpcSeconds = new Histogram({
  name: "rpc_server_call_duration_seconds",
  help: "How long a service took to answer a call of another service, by method and gRPC status. INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED and UNIMPLEMENTED are our fault; every other status is what the caller asked for.",
  labelNames: ["service", "rpc_method", "rpc_response_status_code"] as const,
  buckets: latencyBuckets,
  registers: [registry],
});

/** What a service waited for, whichever way the call went. */
export const rpcClientSeconds = new Histogram({
  name: "rpc_client_call_duration_seconds",
  help: "How long a service waited for an answer of a neighbour, repeats included, by neighbour and gRPC status. Far above the neighbour's own rpc_server_call_duration_seconds, the time is lost on the way.",
  labelNames: ["service", "neighbour", "rpc_response_status_code"] as const,
  buckets: fewBuckets,
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

/** What a listener answered. The route is its template, `unknown` for paths that no route answers. */
export const httpSeconds = new Histogram({
  name: "http_server_request_duration_seconds",
  help: "How long an HTTP request took from its head to the end of its answer, by route and status. A status of 500 and more is our fault; the route unknown stands for every path that there is not.",
  labelNames: ["service", "http_request_method", "http_route", "http_response_status_code"] as const,
  buckets: latencyBuckets,
  registers: [registry],
});

const underWay = new Map<string, number>();

const activeRequests = new Gauge({
  name: "http_server_active_requests",
  help: "HTTP requests that are being answered at this moment. If it stands at stoa_http_limit, the process has more to do than it can.",
  labelNames: ["service"] as const,
  registers: [registry],
  collect: () => underWay.forEach((count, service) => activeRequests.set({ service }, count)),
});

/** Notes that a request has begun (1) or is over (-1). */
export function noteActiveRequest(service: string, change: 1 | -1): void {
  underWay.set(service, (underWay.get(service) ?? 0) + change);
}

const usualMethods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "QUERY",
]);

/** The method as a label: what nobody sends but to see what happens is one value. */
export function methodLabel(method: string): string {
  return usualMethods.has(method) ? method : "_OTHER";
}

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

export const faultsActive = new Gauge({
  name: "stoa_fault_injection_active",
  help: "Faults that are injected into this process on purpose right now: more than 0 means that what goes wrong may be meant.",
  labelNames: ["service"] as const,
  registers: [registry],
});

export const faultsInjected = new Counter({
  name: "stoa_faults_injected_total",
  help: "Requests and calls that met a fault on purpose, by its kind: delay, refusal, or the gRPC code of the failure.",
  labelNames: ["kind"] as const,
  registers: [registry],
});

/**
 * Makes labels from values that come from elsewhere: the first `max` different ones are themselves, all later ones `other`, so that nobody
 * can fill the memory with names.
 */
export function boundedLabels(max: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= max) return "other";
    known.add(value);
    return value;
  };
}

/** A counter of the business kind, made once and found again by name. */
export function counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
  const known = registry.getSingleMetric(name);
  if (known instanceof Counter) return known;
  return new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
}

/** A gauge of the business kind, made once and found again by name. */
export function gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
  const known = registry.getSingleMetric(name);
  if (known instanceof Gauge) return known;
  return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
}

const buildInfo = new Gauge({
  name: "stoa_build_info",
  help: "Always 1; its label says which version of Stoa this process runs.",
  labelNames: ["version"] as const,
  registers: [registry],
});

const heapLimit: Gauge = new Gauge({
  name: "nodejs_heap_size_limit_bytes",
  help: "How much memory the JavaScript heap may take; a process that needs more ends. nodejs_heap_size_used_bytes near it: give the process more memory.",
  registers: [registry],
  collect: () => heapLimit.set(getHeapStatistics().heap_size_limit),
});

/** Process metrics: version, CPU, memory, event-loop delay. Called once by the program. */
export function collectProcessMetrics(): void {
  buildInfo.set({ version: ownVersion() }, 1);
  collectDefaultMetrics({ register: registry });
}
