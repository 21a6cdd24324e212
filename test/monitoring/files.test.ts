import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { namespacePlace, scopedExpression } from "../../tools/generate-monitoring.ts";
import { labelsOf, selectorsOf } from "./queries.ts";
import { allRules, fasterRule, filesIn, runbooksFolder, unitTestsFolder } from "./rule-files.ts";

const alerts = allRules().filter(({ alert }) => alert !== undefined);
const names = alerts.map(({ alert }) => alert ?? "").sort();

test("each alert leads to its page, each page back to the rule, and there is no page too many", () => {
  const pages = filesIn(runbooksFolder, ".md").map((path) => basename(path, ".md"));
  assert.deepEqual(pages.filter((page) => page !== "README").sort(), names);
  for (const { alert, annotations, file } of alerts) {
    assert.equal(annotations?.["runbook_url"], `docs/operate/runbooks/${alert}.md`);
    const page = readFileSync(join(runbooksFolder, `${alert}.md`), "utf8");
    assert.match(page, new RegExp(`^# ${alert}\n`));
    assert.ok(page.includes(`../../../deploy/monitoring/rules/${file}`), `${alert} leads back`);
    for (const part of ["**What people notice.**", "## Look", "## Do", "## Wake somebody"])
      assert.ok(page.includes(part), `${alert} has ${part}`);
  }
});

test("each alert says who hears of it, and has a unit test in which it fires and one in which it is silent", () => {
  const told = filesIn(unitTestsFolder, ".yml").flatMap((path) => {
    const { tests } = parse(readFileSync(path, "utf8")) as {
      tests: { promql_expr_test: { expr: string; exp_samples: unknown[] }[] }[];
    };
    return tests.flatMap(({ promql_expr_test: asked }) =>
      asked.map(({ expr, exp_samples: samples }) => ({
        alert: /alertname="(\w+)"/.exec(expr)?.[1],
        fires: samples.length > 0,
      })),
    );
  });
  for (const { alert, labels } of alerts) {
    assert.match(labels?.["severity"] ?? "", /^(page|ticket)$/, alert ?? "");
    for (const fires of [true, false])
      assert.ok(
        told.some((one) => one.alert === alert && one.fires === fires),
        `${alert} ${fires ? "fires" : "is silent"} in a unit test`,
      );
  }
});

test("the chart's rules are about one namespace, whatever the expression", () => {
  const at = `namespace="${namespacePlace}"`;
  const cases: Readonly<Record<string, string>> = {
    "up == 0": `up{${at}} == 0`,
    'sum by (stoa_x, pod) (rate(stoa_x_total{a="up"}[5m]))': `sum by (stoa_x, pod) (rate(stoa_x_total{${at}, a="up"}[5m]))`,
    "stoa:a:b > 1 and on (job) stoa_build_info": `stoa:a:b{${at}} > 1 and on (job) stoa_build_info{${at}}`,
    "node_load1 > 3": "node_load1 > 3",
    "stoa:connections_denied:rate5m > 1": "stoa:connections_denied:rate5m > 1",
    "changes(process_start_time_seconds[15m])": `changes(process_start_time_seconds{${at}}[15m])`,
  };
  for (const [before, after] of Object.entries(cases)) assert.equal(scopedExpression(before), after);
});

test("selectors and labels are read off an expression", () => {
  const expression =
    'topk(3, sum by (service, le) (rate(a_bucket{x=~"b|c", le="0.2"}[5m]))) / on (job) group_left (v) (d:e:f > 0) unless up == bool 1';
  assert.deepEqual(
    selectorsOf(expression).map(({ selector }) => selector),
    ['a_bucket{x=~"b|c", le="0.2"}', "d:e:f", "up"],
  );
  assert.deepEqual(labelsOf(expression), ["service", "le", "job", "v"]);
});

test("time can run faster in a rule: ranges, waiting and ages, and no other number", () => {
  const rule = { alert: "OutboxLags", expr: "max_over_time(x[5m]) > 60", for: "2m" };
  assert.deepEqual(fasterRule(rule, 60, 60_000), {
    ...rule,
    expr: "max_over_time(x[5000ms]) > 1",
    for: "3000ms",
  });
  assert.deepEqual(fasterRule({ alert: "X", expr: "x > 60", for: "1d" }, 60, 5_000), {
    alert: "X",
    expr: "x > 60",
    for: "5000ms",
  });
});
