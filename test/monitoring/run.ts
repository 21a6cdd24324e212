/**
 * `node test/monitoring/run.ts`: rules, alerts, dashboards and runbooks, held against the programs that read them and against a running shop.
 * Unit tests of the rules by promtool; then a shop of real processes under light load, watched by a real Prometheus in which time runs sixty
 * times faster: nothing may fire. Then each fault is made, and its alert must fire; every query of every dashboard, rule and runbook must be
 * one that the shop's own metrics answer; and every command of the runbooks is run. Prints "N passed, N failed, N skipped".
 * `--only live|units` does a part; `--keep` says what was answered to each query that found nothing.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { systemClock } from "#platform/kit/clock.ts";
import { findProgram } from "#platform/testing/outside-program.ts";
import { makeCertificate } from "#platform/tls/certificate.ts";
import * as faults from "./faults.ts";
import type { Fault } from "./faults.ts";
import { onlyByUnitTests, outsideMetrics, ownLabels, rareMetrics } from "./outside-metrics.ts";
import { allExpressions, labelsOf, selectorsOf } from "./queries.ts";
import { allRules, filesIn, rulesFolder, runbooksFolder, unitTestsFolder } from "./rule-files.ts";
import { doBusiness, lightLoad, openWorld, untilFiring, type World } from "./world.ts";

const { values: options } = parseArgs({ options: { only: { type: "string", default: "" } } });
const repository = join(import.meta.dirname, "../..");
const silentMs = 30_000;
const fireWithinMs = 60_000;
const execute = promisify(execFile);
const tally = { passed: 0, failed: 0, skipped: 0 };
const startedMs = systemClock.monotonicMs();

const missing = ["prometheus", "promtool", "amtool"].filter((name) => findProgram(name) === undefined);
if (missing.length > 0) {
  console.log(`Skipped: rules, alerts, dashboards and runbooks need ${missing.join(", ")}.`);
  tally.skipped += 1;
} else {
  if (options.only !== "live") checkFiles();
  if (options.only !== "units") await tryShop();
}
console.log(
  `${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`,
);
process.exit(tally.failed > 0 ? 1 : 0);

function check(name: string, isTrue: boolean, found = ""): void {
  tally[isTrue ? "passed" : "failed"] += 1;
  if (!isTrue) console.log(`FAILED ${name}${found === "" ? "" : `: ${found}`}`);
}

function say(sentence: string): void {
  console.log(`${Math.round((systemClock.monotonicMs() - startedMs) / 1_000)} s: ${sentence}`);
}

/** What needs no shop: promtool and amtool on the files. */
function checkFiles(): void {
  const run = (name: string, program: string, words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", cwd: repository });
    check(name, status === 0, stdout + stderr);
  };
  run("promtool check rules", "promtool", ["check", "rules", ...filesIn(rulesFolder, ".yml")]);
  run("promtool check rules of the chart", "promtool", [
    "check",
    "rules",
    ...filesIn(join(repository, "deploy/helm/stoa/files/monitoring/rules"), ".yml"),
  ]);
  run("promtool check config", "promtool", [
    "check",
    "config",
    "--syntax-only",
    "deploy/monitoring/prometheus.yml",
  ]);
  run("amtool check-config", "amtool", ["check-config", "deploy/monitoring/alertmanager.yml"]);
  for (const path of filesIn(unitTestsFolder, ".yml"))
    run(`promtool test rules ${basename(path)}`, "promtool", ["test", "rules", path]);
  for (const [severity, receiver] of Object.entries({ page: "pages", ticket: "tickets" })) {
    const words = ["config", "routes", "test", "--config.file=deploy/monitoring/alertmanager.yml"];
    run(`severity=${severity} goes to ${receiver}`, "amtool", [
      ...words,
      `--verify.receivers=${receiver}`,
      `severity=${severity}`,
    ]);
  }
  say("files are checked");
}

async function tryShop(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stoa-monitoring-"));
  const world = await openWorld(shortCertificate(folder));
  const told = new Set<string>();
  try {
    say(`${world.shop.processes.length} processes and Prometheus run`);
    for (const fault of faults.before) await play(world, [fault], told);
    await world.audit.start();
    await faults.writeFact(world, {
      service: "recommendation",
      name: "backup.drill",
      at: systemClock.now(),
      bytes: 0,
    });
    await beSilent(world);
    await runCommands(world);
    await play(world, faults.states, told);
    await play(world, faults.gone, told);
    await play(world, faults.unsold, told);
    await play(world, faults.stuck, told);
    await play(world, faults.slow, told);
    await play(world, faults.full, told);
    await checkQueries(world);
    await Promise.all([...world.shop.processes, world.audit].map((process) => process.kill()));
    await mustFire(world, { says: "nobody is there", alerts: ["ShopNotSeen"] }, told);
  } catch (error) {
    check("the shop opens and is tried", false, String(error));
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
  judgeWhole(told);
}

function shortCertificate(folder: string): { cert: string; key: string } {
  const nowMs = systemClock.now().getTime();
  const { cert, key } = makeCertificate({
    name: "currency",
    hosts: ["localhost", "127.0.0.1"],
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + 2 * 86_400_000),
  });
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

/** People use the shop, and no alert fires; meanwhile the commands of the runbooks are run. */
async function beSilent(world: World): Promise<void> {
  await doBusiness(world);
  const stop = lightLoad(world);
  await systemClock.sleep(10_000);
  say("light load: now all must be silent");
  const until = systemClock.monotonicMs() + silentMs;
  const fired = new Set<string>();
  while (systemClock.monotonicMs() < until) {
    for (const name of await world.prometheus.firing()) fired.add(name);
    await systemClock.sleep(250);
  }
  await stop();
  for (const { alert } of allRules())
    if (alert !== undefined) check(`${alert} is silent`, !fired.has(alert), "it fires without its fault");
}

/** All of them at once; each is made well again when its alerts have fired. */
async function play(world: World, list: readonly Fault[], told: Set<string>): Promise<void> {
  await Promise.all(
    list.map(async (fault) => {
      try {
        const heal = await fault.inject(world);
        await mustFire(world, fault, told);
        await heal?.();
      } catch (error) {
        check(fault.says, false, String(error));
      }
    }),
  );
}

async function mustFire(
  world: World,
  { says, alerts }: Pick<Fault, "says" | "alerts">,
  told: Set<string>,
): Promise<void> {
  const silent = await untilFiring(world, alerts, fireWithinMs);
  for (const alert of alerts) {
    check(
      `${alert} fires when there is ${says}`,
      !silent.includes(alert),
      `not within ${fireWithinMs / 1_000} s`,
    );
    told.add(alert);
  }
  say(`${says}: ${alerts.join(", ")}`);
}

function judgeWhole(told: ReadonlySet<string>): void {
  for (const { alert } of allRules()) {
    if (alert === undefined || told.has(alert)) continue;
    const why = onlyByUnitTests[alert];
    check(`${alert} has a fault`, why !== undefined, "no fault of a running shop brings it about");
    if (why !== undefined) console.log(`  ${alert} by unit tests only: ${why}`);
  }
}

/** Every query is understood, and every metric and label in it is exported, by the shop or by somebody who is named. */
async function checkQueries({ prometheus }: World): Promise<void> {
  const labels = new Map<string, Set<string>>();
  for (const { where, expression } of allExpressions()) {
    const unanswered: string[] = [];
    const known = new Set<string>(ownLabels);
    let isWholeKnown = true;
    for (const { metric, selector } of selectorsOf(expression)) {
      if (outsideMetrics.some(([prefix]) => metric.startsWith(prefix)) || metric in rareMetrics) {
        isWholeKnown = false;
        continue;
      }
      const series = await prometheus.series(selector);
      if (series.length === 0) unanswered.push(selector);
      const names = labels.get(metric) ?? new Set(series.flatMap((one) => Object.keys(one)));
      labels.set(metric, names);
      for (const name of names) known.add(name);
    }
    const strange = isWholeKnown ? labelsOf(expression).filter((label) => !known.has(label)) : [];
    const fault = await prometheus.query(expression).then(
      () => "",
      (error: unknown) => String(error),
    );
    const found = [
      fault,
      ...unanswered.map((selector) => `nothing exports ${selector}`),
      ...strange.map((label) => `no series has the label ${label}`),
    ].filter(Boolean);
    check(`${where} asks what there is`, found.length === 0, found.join("; "));
  }
  check("every rule is evaluated without an error", (await prometheus.ruleErrors()).length === 0);
  say("every query is checked");
}

/** The commands of all pages, each once: those for this machine are run, those for a cluster are read by the shell. */
async function runCommands(world: World): Promise<void> {
  const commands = new Map<string, { page: string; isCluster: boolean }>();
  for (const path of filesIn(runbooksFolder, ".md"))
    for (const [, kind = "", block = ""] of readFileSync(path, "utf8").matchAll(
      /^```sh( cluster)?\n(.*?)^```/gms,
    ))
      for (const line of block.trim().split("\n"))
        if (!commands.has(line)) commands.set(line, { page: basename(path), isCluster: kind !== "" });
  await world.shop.startAll();
  for (const [command, { page, isCluster }] of commands) {
    const fault = isCluster ? await readBy(command) : await runHere(world, command);
    check(`${page}: ${command}`, fault === "", fault);
  }
  say(`${commands.size} commands of the runbooks`);
}

async function readBy(command: string): Promise<string> {
  const isKnown = /^kubectl (-n shop )?(get|describe|logs|top|exec) /.test(command);
  if (!isKnown) return "it is no command that only looks";
  return await execute("bash", ["-n", "-c", command]).then(
    () => "",
    (error: unknown) => String(error),
  );
}

/** Operations are asked of one process after the other: a page is about the process that has the metric. */
async function runHere({ shop, audit, prometheus }: World, command: string): Promise<string> {
  const processes = command.includes("OPERATIONS_URL") ? [...shop.processes, audit] : [audit];
  let said = "";
  for (const { operationsPort } of processes) {
    const env = {
      ...process.env,
      SHOP_URL: shop.origin,
      OPERATIONS_URL: `http://127.0.0.1:${operationsPort}`,
      PROMETHEUS_URL: prometheus.url,
      STOA_DATA: shop.folder,
      ...Object.fromEntries(
        shop.processes.flatMap(({ service, environment }) =>
          environment["DATABASE_URL"] === undefined
            ? []
            : [[`${service.toUpperCase()}_DATABASE_URL`, environment["DATABASE_URL"]]],
        ),
      ),
      SERVICE_KEY: shop.process("ad").environment["SERVICE_KEY"],
    };
    const stoa = `stoa() { "${process.execPath}" "${join(repository, "main.ts")}" "$@"; }`;
    const words = ["-o", "pipefail", "-c", `${stoa}; ${command}`];
    const failed = await execute("bash", words, { env, cwd: repository, timeout: 30_000 }).then(
      () => undefined,
      (error: unknown) => error as { stdout?: string; stderr?: string },
    );
    if (failed === undefined) return "";
    said = `${failed.stdout ?? ""}${failed.stderr ?? ""}`.slice(0, 400) || "it found nothing";
  }
  return said;
}
