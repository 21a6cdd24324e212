/** What every process of the shop may show under /metrics, as a page: read from the definitions themselves. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { collectProcessMetrics, registry } from "#platform/telemetry/metrics.ts";

/** One metric, as its definition has it. */
export interface MetricFacts {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

const folders = ["platform", "services", "audit", "extensions"];
const definition = /\b(?:counter|gauge)\(\s*"|\bnew (?:Counter|Gauge|Histogram)\(\{/;
const isCode = (path: string) =>
  path.endsWith(".ts") && !/\.(?:test|outside|long)\.ts$|\/testing\//.test(path);

/** All metrics by name. Loads every file that defines some; none of them does anything by being loaded. */
export async function allMetrics(root: string): Promise<MetricFacts[]> {
  for (const folder of folders) {
    const paths = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const path of paths.map((one) => join(root, folder, one)).filter(isCode))
      if (definition.test(readFileSync(path, "utf8"))) await import(pathToFileURL(path).href);
  }
  if (!registry.getSingleMetric("process_start_time_seconds")) collectProcessMetrics();
  const shown = await registry.getMetricsAsJSON();
  return shown
    .filter(({ name }) => !ofLinux.includes(name))
    .map(({ name, help, type }) => ({ name, help, type: String(type), labels: labelsOf(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function labelsOf(name: string): readonly string[] {
  const { labelNames = [] } = registry.getSingleMetric(name) as unknown as { labelNames?: readonly string[] };
  return labelNames;
}

/** There where the process runs on Linux, whatever the page is made on. */
const ofLinux = ["process_virtual_memory_bytes", "process_heap_bytes", "process_open_fds", "process_max_fds"];

const groups: readonly (readonly [string, RegExp])[] = [
  ["Requests and calls", /^(?:http_|rpc_|stoa_(?:http|neighbour|trust|tls|spans|log_|shared))/],
  ["Databases, disks and backups", /^(?:db_|stoa_(?:database|disk|backup|reads))/],
  ["The shop's business and its books", /^stoa_(?!tasks?_|job_|outbox|build)/],
  ["Waiting work", /^stoa_(?:tasks?_|job_|outbox)/],
  ["The process", /^/],
];

/** The page docs/reference/metrics.md. */
export async function metricsDocument(root: string): Promise<string> {
  const lines = [introduction];
  let left = await allMetrics(root);
  for (const [title, pattern] of groups) {
    const ours = left.filter(({ name }) => pattern.test(name));
    left = left.filter(({ name }) => !pattern.test(name));
    lines.push(`## ${title}`, "", "| metric | type | labels | meaning |", "| --- | --- | --- | --- |");
    for (const { name, type, labels, help } of ours)
      lines.push(
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help.replaceAll("|", "\\|")} |`,
      );
    lines.push("");
  }
  const names = ofLinux.map((name) => `\`${name}\``).join(", ");
  lines.push(`On Linux also, as the system tells them: ${names}.`, "");
  return lines.join("\n");
}

const introduction = `# Metrics

Generated from the definitions in the code. Each process shows its own under \`/metrics\` of its operations port (\`HTTP_PORT\`); the whole shop in one program on
its public port, to this machine only. A histogram has the series \`_bucket\`, \`_sum\` and \`_count\`. What each is good for: [metrics](../operate/metrics.md).
`;
