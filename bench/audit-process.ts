// The auditing process of the benchmark: nothing else runs in it, so that its processor time and its memory are the audit's.
import { openDatabase, type Database } from "#platform/database/db.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { booksOf, openAuditor } from "../audit/audit.ts";
import type { Finding } from "../audit/auditor.ts";

/** What was measured of one look, or of everything. */
export interface Measured {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The most memory the process had, above what it had before. */
  readonly growthMiB: number;
  readonly rows: number;
  readonly violations: readonly string[];
}

const sampleEveryMs = 5;
const urls = JSON.parse(process.env["AUDIT_URLS"] ?? "{}") as { [service: string]: string };
const databases = new Map<string, Database>(
  Object.entries(urls).map(([name, url]) => [
    name,
    openDatabase({ url, name: `audit-${name}`, connectionsMax: 1, clock: systemClock, log: silentLog }),
  ]),
);

const counter = { rows: 0 };
const books = booksOf(databases);
const auditor = openAuditor(
  {
    rows: async (service, text, values) => {
      const rows = await books.rows(service, text, values);
      counter.rows += rows.length;
      return rows as never;
    },
  },
  { scope: { restSeconds: 15 }, clock: systemClock },
);

process.on("message", (what: "look" | "everything") => {
  const work = what === "look" ? () => auditor.look() : () => auditor.lookAtEverything(() => undefined);
  void measure(work).then((measured) => process.send?.(measured));
});
process.on("disconnect", () => process.exit());

async function measure(work: () => Promise<readonly Finding[]>): Promise<Measured> {
  const rssBefore = process.memoryUsage.rss();
  let rssMax = rssBefore;
  const sampler = setInterval(() => (rssMax = Math.max(rssMax, process.memoryUsage.rss())), sampleEveryMs);
  const rowsBefore = counter.rows;
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const findings = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMs = performance.now() - startedMs;
  clearInterval(sampler);
  rssMax = Math.max(rssMax, process.memoryUsage.rss());
  return {
    cpuMs: (user + system) / 1_000,
    wallMs,
    growthMiB: (rssMax - rssBefore) / 1024 ** 2,
    rows: counter.rows - rowsBefore,
    violations: findings.flatMap(({ invariant, violations }) =>
      violations.map((line) => `${invariant.id}: ${line}`),
    ),
  };
}
