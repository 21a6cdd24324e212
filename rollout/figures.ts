// What a process has answered so far, read from its /metrics, and what came between two readings.

/** Answers that took at most `bound` seconds, cumulative as Prometheus counts them; the last bound is infinite. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/** What one process, or all of a version together, has answered. */
export interface Figures {
  readonly requests: number;
  /** Answers that say that something is wrong on our side. */
  readonly errors: number;
  readonly buckets: readonly Bucket[];
}

/** Figures of each process, by a name that no other process had before it. */
export type Readings = ReadonlyMap<string, Figures>;

export const nothing: Figures = { requests: 0, errors: 0, buckets: [] };

/** Routes that orchestrators, scrapers and people on call ask: a pod that is not ready says 503 and is no error. */
export const operationsRoutes: readonly string[] = ["/health", "/ready", "/metrics", "/status/200"];
/** Refusals of a call that are the service's fault; all others are what the caller asked for. */
export const rpcFaults: readonly string[] = ["INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED", "UNIMPLEMENTED"];

type Kind = "left out" | "good" | "error";

const histograms: { readonly [name: string]: (labels: Labels) => Kind } = {
  http_server_request_duration_seconds: ({
    http_route: route = "",
    http_response_status_code: status = "",
  }) => kindOfRequest(route, status),
  rpc_server_call_duration_seconds: ({ rpc_response_status_code: status = "" }) => kindOfCall(status),
  // As version 0.1.0 says the same: it is the old one of the first rollout after it.
  stoa_http_request_seconds: ({ route = "", status = "" }) => kindOfRequest(route, status),
  stoa_rpc_server_seconds: ({ code = "" }) => kindOfCall(code.toUpperCase()),
};

function kindOfRequest(route: string, status: string): Kind {
  if (operationsRoutes.includes(route)) return "left out";
  return status.startsWith("5") ? "error" : "good";
}

function kindOfCall(status: string): Kind {
  return rpcFaults.includes(status) ? "error" : "good";
}

type Labels = Readonly<Record<string, string>>;

/** Reads what `/metrics` of one process says. */
export function readFigures(text: string): Figures {
  let requests = 0;
  let errors = 0;
  const buckets = new Map<number, number>();
  for (const line of text.split("\n")) {
    const [, name = "", part = "", said = "", value = ""] =
      /^(\w+)_(bucket|count)\{(.*)\} (\S+)/.exec(line) ?? [];
    const kindOf = Object.hasOwn(histograms, name) ? histograms[name] : undefined;
    if (kindOf === undefined) continue;
    const labels = readLabels(said);
    const kind = kindOf(labels);
    if (kind === "left out") continue;
    const count = Number(value);
    if (part === "bucket") {
      const bound = labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]);
      buckets.set(bound, (buckets.get(bound) ?? 0) + count);
    } else {
      requests += count;
      if (kind === "error") errors += count;
    }
  }
  return { requests, errors, buckets: sorted(buckets) };
}

function readLabels(said: string): Labels {
  return Object.fromEntries(
    [...said.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

function sorted(buckets: ReadonlyMap<number, number>): Bucket[] {
  return [...buckets].map(([bound, count]) => ({ bound, count })).sort((a, b) => a.bound - b.bound);
}

/**
 * What all processes answered between two readings. One that counts less than before has started anew, so all it says is new; one that
 * was not there before has answered everything since; one that is gone takes its last seconds with it.
 */
export function between(before: Readings, after: Readings): Figures {
  return sum([...after].map(([name, now]) => since(before.get(name), now)));
}

function since(before: Figures | undefined, now: Figures): Figures {
  if (before === undefined || now.requests < before.requests) return now;
  const earlier = new Map(before.buckets.map(({ bound, count }) => [bound, count]));
  return {
    requests: now.requests - before.requests,
    errors: Math.max(0, now.errors - before.errors),
    buckets: now.buckets.map(({ bound, count }) => ({ bound, count: count - (earlier.get(bound) ?? 0) })),
  };
}

export function sum(all: readonly Figures[]): Figures {
  const buckets = new Map<number, number>();
  for (const { bound, count } of all.flatMap((one) => one.buckets))
    buckets.set(bound, (buckets.get(bound) ?? 0) + count);
  return {
    requests: all.reduce((total, { requests }) => total + requests, 0),
    errors: all.reduce((total, { errors }) => total + errors, 0),
    buckets: sorted(buckets),
  };
}

/** Seconds within which 95 % of the answers came, as between the bounds of the histogram as Prometheus reckons it; undefined of none. */
export function p95Of({ buckets }: Figures): number | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return undefined;
  const rank = total * 0.95;
  let below: Bucket = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (!Number.isFinite(bucket.bound)) return below.bound;
      const part = (rank - below.count) / (bucket.count - below.count);
      return below.bound + (bucket.bound - below.bound) * part;
    }
    below = bucket;
  }
  return below.bound;
}

/** How many answers took longer than so many seconds, reckoned inside a bucket like `p95Of`. */
export function slowerThan({ buckets }: Figures, seconds: number): number {
  const total = buckets.at(-1)?.count ?? 0;
  let below: Bucket = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.bound >= seconds) {
      if (!Number.isFinite(bucket.bound)) return total - below.count;
      const part = (seconds - below.bound) / (bucket.bound - below.bound);
      return total - (below.count + (bucket.count - below.count) * part);
    }
    below = bucket;
  }
  return total - below.count;
}
