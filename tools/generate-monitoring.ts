/** Writes the dashboards as Grafana reads them, and the chart's copies of rules and dashboards, below a folder. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "prettier";
import { business } from "../deploy/monitoring/dashboards/business.ts";
import { costAndCapacity } from "../deploy/monitoring/dashboards/cost-and-capacity.ts";
import { grafanaJson } from "../deploy/monitoring/dashboards/grafana-json.ts";
import { infrastructure } from "../deploy/monitoring/dashboards/infrastructure.ts";
import { performance } from "../deploy/monitoring/dashboards/performance.ts";
import { rollout } from "../deploy/monitoring/dashboards/rollout.ts";
import { serviceHealth } from "../deploy/monitoring/dashboards/service-health.ts";

const dashboards = { serviceHealth, performance, business, costAndCapacity, rollout, infrastructure };
const rulesFolder = "deploy/monitoring/rules";
const chartFolder = "deploy/helm/stoa/files/monitoring";

/** Where the chart puts its namespace. */
export const namespacePlace = "THE-NAMESPACE";

/** Series that say in which namespace they were made; those of nodes and of engines of policies belong to no shop alone. */
const scoped =
  /(?<![\w:."])((?:stoa|http_server|rpc_server|rpc_client|db_client|process|nodejs|kube_(?:pod|deployment|horizontalpodautoscaler|job)|container|kubelet)_\w+|up|stoa:(?!connections_denied)\w+:\w+)(?![\w:(])(\{)?/g;

/**
 * The same expression for one namespace: in a cluster with several shops, and with other programs that use the same names, each shop's
 * rules are about its own series. Labels that stand in `by (...)` and the like are left alone.
 */
export function scopedExpression(expression: string): string {
  const selector = `namespace="${namespacePlace}"`;
  return expression
    .split(/(\b(?:by|on|without|group_left|group_right|ignoring)\s*\([^)]*\)|"[^"]*")/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(scoped, (_, name: string, brace: string | undefined) =>
            brace ? `${name}{${selector}, ` : `${name}{${selector}}`,
          ),
    )
    .join("");
}

/** A file of rules with every expression for one namespace. Expressions are one line behind `expr:`, or the indented lines below it. */
export function scopedRules(text: string): string {
  return text.replace(/^( +)expr: (\|\n(?:\1 +.*\n)+|.*\n)/gm, (_, indent: string, expression: string) =>
    expression.startsWith("|")
      ? `${indent}expr: ${scopedExpression(expression)}`
      : `${indent}expr: |\n${indent}  ${scopedExpression(expression)}`,
  );
}

if (import.meta.main) {
  const folder = process.argv[2] ?? ".";
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const dashboard of Object.values(dashboards)) {
    const json = JSON.stringify(grafanaJson(dashboard));
    const name = `${dashboard.uid}.json`;
    write(
      `deploy/monitoring/grafana/dashboards/${name}`,
      await format(json, { parser: "json", printWidth: 110 }),
    );
    write(`${chartFolder}/dashboards/${name}`, `${json}\n`);
  }
  for (const name of readdirSync(rulesFolder))
    write(`${chartFolder}/rules/${name}`, scopedRules(readFileSync(join(rulesFolder, name), "utf8")));
}
