// Every expression that dashboards, rules and runbooks ask Prometheus, and the metrics and labels that each names.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { allRules, dashboardsFolder, filesIn, runbooksFolder } from "./rule-files.ts";

export interface Asked {
  /** Where it stands, for a person. */
  readonly where: string;
  readonly expression: string;
}

interface PanelJson {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** What Grafana puts in the place of its variables. */
const variables: Readonly<Record<string, string>> = {
  $namespace: ".*",
  $service: ".*",
  $__rate_interval: "1m",
  $core_hour: "0.04",
  $memory_hour: "0.005",
  $disk_month: "0.1",
};

export function allExpressions(): Asked[] {
  const rules = allRules().map(({ alert, record, expr, file }) => ({
    where: `${file}, ${alert ?? record ?? ""}`,
    expression: expr,
  }));
  const panels = filesIn(dashboardsFolder, ".json").flatMap((path) => {
    const { title, panels: all } = JSON.parse(readFileSync(path, "utf8")) as {
      title: string;
      panels: PanelJson[];
    };
    return all.flatMap((panel) =>
      (panel.targets ?? []).map(({ expr }) => ({
        where: `${title}, ${panel.title}`,
        expression: expr.replace(/\$\w+/g, (name) => variables[name] ?? name),
      })),
    );
  });
  const runbooks = filesIn(runbooksFolder, ".md").flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/promtool query instant \S+ '([^']+)'/g)].map(
      ([, expression = ""]) => ({ where: basename(path), expression }),
    ),
  );
  return [...rules, ...panels, ...runbooks];
}

export interface Named {
  /** A metric with its matchers, as `series` takes it. */
  readonly selector: string;
  readonly metric: string;
}

const words: ReadonlySet<string> = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);
const grouping = /\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;

/** The series that an expression reads: every name that is neither a function nor a word of the language. */
export function selectorsOf(expression: string): Named[] {
  const bare = expression.replace(grouping, " ").replace(/\[[^\]]*\]/g, " ");
  const found = bare.matchAll(/(?<![\w:."$])([a-zA-Z_][\w:]*)(\{[^}]*\})?(?=\s*([(]?))(?![\w:])/g);
  const named = new Map<string, Named>();
  for (const [, metric = "", matchers = "", opens] of withoutTexts(found)) {
    if (opens === "(" || words.has(metric)) continue;
    named.set(metric + matchers, { metric, selector: metric + matchers });
  }
  return [...named.values()];
}

/** Names inside of quotes are none; a name's own matchers come with it. */
function* withoutTexts(found: Iterable<RegExpMatchArray>): Iterable<RegExpMatchArray> {
  let end = 0;
  for (const match of found) {
    const at = match.index ?? 0;
    if (at < end) continue;
    end = at + match[0].length;
    yield match;
  }
}

/** The labels that an expression groups or joins by. */
export function labelsOf(expression: string): string[] {
  return [...expression.matchAll(grouping)].flatMap(([, , list = ""]) =>
    list
      .split(",")
      .map((label) => label.trim())
      .filter(Boolean),
  );
}
