// What is wrong with the shop, in words: the worst first, nothing when all is well.
import type { ShopBackups, ShopInvariants } from "../../ops/books.ts";
import type { ShopReport } from "../../ops/shop-report.ts";
import type { CheckoutsUnderWay, ShopTasks } from "../../ops/work.ts";
import type { AdminWords } from "../../context.ts";
import { severity, type Health } from "./call-graph.ts";

export interface Finding {
  readonly health: "warn" | "bad";
  readonly text: string;
  /** The room that tells more. */
  readonly url: string;
}

/** What is known beside the report of the processes; undefined where it could not be asked. */
export interface Known {
  readonly atMs: number;
  readonly tasks: ShopTasks | undefined;
  readonly checkouts: CheckoutsUnderWay | undefined;
  readonly invariants: ShopInvariants;
  readonly backups: ShopBackups | undefined;
}

const limits = {
  errorShare: 0.01,
  errorsPerSecond: 0.05,
  slowMs: 1_000,
  /** Of a few answers a minute, the slowest says nothing about the others. */
  slowPerSecond: 1,
  loopMs: 250,
  heapShare: 0.85,
  dueSeconds: 300,
  checkoutSeconds: 600,
  /** A day and two hours, for a backup every night. */
  backupMs: 26 * 3_600_000,
};

export function findingsOf(words: AdminWords, report: ShopReport, known: Known): Finding[] {
  const findings = [
    ...serviceFindings(words, report),
    ...wayFindings(words, report),
    ...processFindings(words, report),
    ...bookFindings(words, known),
  ];
  return findings.toSorted((one, other) => severity[other.health] - severity[one.health]);
}

function serviceFindings(words: AdminWords, { services }: ShopReport): Finding[] {
  return services.flatMap(({ name, status, lacks, answering, silent, traffic }): Finding[] => {
    const url = `/admin/ops/services#${name}`;
    const finding = (health: Finding["health"], text: string): Finding => ({ health, text, url });
    if (status === "missing") return [finding("bad", words.text("ops.finding.missing", { name }))];
    if (status === "down")
      return [finding("bad", words.text("ops.finding.down", { name, why: lacks.join(" ") }))];
    const found: Finding[] = [];
    if (silent > 0)
      found.push(
        finding("warn", words.text("ops.finding.silent", { name, silent, all: answering + silent })),
      );
    if (status === "degraded")
      found.push(finding("warn", words.text("ops.finding.degraded", { name, why: lacks.join(" ") })));
    const health = healthOf(traffic);
    if (isErring(traffic)) {
      const share = words.number(
        Math.max(1, Math.round((traffic.errorsPerSecond / traffic.perSecond) * 100)),
      );
      found.push(
        finding(health === "bad" ? "bad" : "warn", words.text("ops.finding.errors", { name, share })),
      );
    } else if (health === "warn")
      found.push(
        finding("warn", words.text("ops.finding.slow", { name, ms: Math.round(traffic.p95Ms ?? 0) })),
      );
    return found;
  });
}

interface Flow {
  readonly perSecond: number;
  readonly errorsPerSecond: number;
  readonly p95Ms: number | undefined;
}

function isErring({ perSecond, errorsPerSecond }: Flow): boolean {
  return errorsPerSecond >= limits.errorsPerSecond && errorsPerSecond >= perSecond * limits.errorShare;
}

/** How well what goes through here is answered: `calm` where nothing goes. */
export function healthOf(flow: Flow): Health {
  if (isErring(flow)) return flow.errorsPerSecond >= flow.perSecond * 0.1 ? "bad" : "warn";
  if (flow.perSecond >= limits.slowPerSecond && (flow.p95Ms ?? 0) >= limits.slowMs) return "warn";
  return flow.perSecond > 0 ? "good" : "calm";
}

function wayFindings(words: AdminWords, { edges }: ShopReport): Finding[] {
  return edges
    .filter(({ breaker }) => breaker === "open")
    .map(({ from, to }) => ({
      health: "bad",
      text: words.text("ops.finding.cut", { from, to }),
      url: "/admin/ops/services#ways",
    }));
}

function processFindings(words: AdminWords, { processes }: ShopReport): Finding[] {
  return processes.flatMap(({ told, state, services, restarts }): Finding[] => {
    if (!told || state !== "answers") return [];
    const { loopP99Ms, heapBytes, heapMaxBytes, pools, rooms } = told.vitals;
    const name = services.length === 1 ? (services[0] ?? told.host) : `${told.host}:${told.pid}`;
    const found: string[] = [];
    if (restarts > 0) found.push(words.text("ops.finding.restarts", { name, count: restarts }));
    if (loopP99Ms >= limits.loopMs)
      found.push(words.text("ops.finding.loop", { name, ms: Math.round(loopP99Ms) }));
    if (heapMaxBytes > 0 && heapBytes / heapMaxBytes >= limits.heapShare)
      found.push(words.text("ops.finding.heap", { name }));
    for (const { service, waiting } of pools)
      if (waiting > 0) found.push(words.text("ops.finding.pool", { service, waiting }));
    for (const { service, shedPerSecond } of rooms)
      if (shedPerSecond > 0) found.push(words.text("ops.finding.shed", { service }));
    return found.map((text) => ({ health: "warn", text, url: "/admin/ops/services#processes" }));
  });
}

function bookFindings(words: AdminWords, { atMs, tasks, checkouts, invariants, backups }: Known): Finding[] {
  const rules = invariants.isKnown ? invariants.rules.filter(({ violations }) => violations > 0) : [];
  const found: Finding[] = rules.map(({ sentence, violations }) => ({
    health: "bad",
    text: words.text("ops.finding.violation", { sentence, count: violations }),
    url: "/admin/ops/books",
  }));
  const warn = (text: string, url: string) => found.push({ health: "warn", text, url });
  const states = tasks?.states ?? [];
  const dead = states.reduce((sum, state) => sum + state.dead, 0);
  if (dead > 0) warn(words.text("ops.finding.dead", { count: dead }), "/admin/ops/work");
  const oldest = Math.max(
    0,
    ...states.filter(({ due }) => due > 0).map(({ oldestSeconds }) => oldestSeconds),
  );
  if (oldest >= limits.dueSeconds)
    warn(words.text("ops.finding.late", { minutes: Math.round(oldest / 60) }), "/admin/ops/work");
  const inFlight = (checkouts?.states ?? []).filter(({ status }) => status !== "waiting");
  const longest = Math.max(0, ...inFlight.map(({ oldestSeconds }) => oldestSeconds));
  if (longest >= limits.checkoutSeconds)
    warn(words.text("ops.finding.checkout", { minutes: Math.round(longest / 60) }), "/admin/ops/checkouts");
  if (invariants.isKnown && atMs - invariants.checkedAtMs > 3 * invariants.everyMs + 60_000)
    warn(words.text("ops.finding.unchecked"), "/admin/ops/books");
  const stale = (backups?.databases ?? []).filter(({ lastBackup, lastDrill }) => {
    if (lastDrill && !lastDrill.ok) return true;
    return lastBackup !== undefined && (!lastBackup.ok || atMs - lastBackup.atMs > limits.backupMs);
  });
  if (stale.length > 0)
    warn(
      words.text("ops.finding.backup", { names: words.list(stale.map(({ service }) => service)) }),
      "/admin/ops/books",
    );
  return found;
}
