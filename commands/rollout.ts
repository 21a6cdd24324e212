// Rolls out a new version of a service of the shop that runs on Kubernetes, judges it, and takes a bad one back.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { ClusterDriver } from "../rollout/cluster.ts";
import type { Version } from "../rollout/driver.ts";
import { usualLimits } from "../rollout/judge.ts";
import { ReadingObserver } from "../rollout/observe.ts";
import type { Strategy } from "../rollout/plan.ts";
import { PrometheusObserver } from "../rollout/prometheus.ts";
import { PodReach } from "../rollout/reach.ts";
import { Release } from "../rollout/release.ts";
import { promote, rollOut, takeBack, usualTiming, type Rollout } from "../rollout/run.ts";
import { linesOf } from "../rollout/status.ts";
import { openTools, type Tools } from "../rollout/tool.ts";
import type { CommandContext, Options } from "./command.ts";
import { UsageError } from "./usage-error.ts";

const verbs = ["status", "promote", "back"] as const;
type Verb = (typeof verbs)[number] | "to";

interface Asked {
  readonly verb: Verb;
  /** Empty for all of them. */
  readonly service: string;
}

export async function rollout(context: CommandContext): Promise<void> {
  const { options, shop, stop } = context;
  const asked = readWords(context);
  // In three tiers everything behind the storefront is one of its own.
  const names = [...shop.services.map(({ name }) => name), "backend"];
  if (asked.service !== "" && !names.includes(asked.service))
    throw new UsageError(`The shop has no service ${asked.service}. There are: ${names.join(", ")}.`);
  const tools = openTools({ namespace: textOf(options, "namespace"), context: textOf(options, "context") });
  const release = new Release({
    tools,
    name: textOf(options, "release") ?? "stoa",
    chart: textOf(options, "chart"),
    clock: systemClock,
    print: context.print,
  });
  const reach = new PodReach(tools);
  const open = (service: string) => openCluster(service, { context, tools, release, reach });
  try {
    if (asked.verb === "status") {
      for (const service of asked.service === "" ? names : [asked.service])
        await printStatus(open(service), context, asked.service === "");
      return;
    }
    await obey(asked, open(asked.service), context);
  } catch (error) {
    if (!stop.aborted || error instanceof StartError) throw error;
    throw new StartError(
      `The rollout of ${asked.service} stopped where it is; nothing was taken back. How it stands: stoa rollout status ${asked.service}. On: stoa rollout promote ${asked.service}. Back: stoa rollout back ${asked.service}.`,
      { cause: error },
    );
  } finally {
    reach.close();
    await release.close();
  }
}

function readWords({ args, options }: CommandContext): Asked {
  const [first = "", second = ""] = args;
  const verb = verbs.find((name) => name === first);
  if (verb === undefined) {
    if (second !== "")
      throw new UsageError(`"${second}" says nothing behind a service. Try stoa rollout ${second} ${first}.`);
    if (options["to"] === undefined)
      throw new UsageError(`To which version? stoa rollout ${first} --to <tag>.`);
    return { verb: "to", service: first };
  }
  if (second === "" && verb !== "status")
    throw new UsageError(`Of which service? stoa rollout ${verb} <service>.`);
  return { verb, service: second };
}

interface Parts {
  readonly context: CommandContext;
  readonly tools: Tools;
  readonly release: Release;
  readonly reach: PodReach;
}

function openCluster(service: string, { context, tools, release, reach }: Parts): ClusterDriver {
  const { options } = context;
  const words = textOf(options, "try");
  return new ClusterDriver({
    service,
    release,
    tools,
    reach,
    clock: systemClock,
    strategy: textOf(options, "strategy") as Strategy | undefined,
    tryOwn: words === undefined ? undefined : (version) => tryOwn(words, version),
  });
}

/** Runs the operator's own test of a version that has no traffic yet. */
async function tryOwn(words: string, { slot, tag }: Version): Promise<void> {
  const child = spawn(words, { shell: true, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new StartError(`"${words}" says no to ${tag} (${slot}): it ended with ${code}.`);
}

async function printStatus(
  driver: ClusterDriver,
  { print }: CommandContext,
  isOneOfAll: boolean,
): Promise<void> {
  if (isOneOfAll && !(await driver.isThere())) return;
  for (const line of await linesOf(driver)) print(line);
}

async function obey({ verb, service }: Asked, driver: ClusterDriver, context: CommandContext): Promise<void> {
  const { options, print, stop } = context;
  const url = textOf(options, "prometheus");
  const rollout: Rollout = {
    driver,
    observer:
      url === undefined
        ? new ReadingObserver(driver, systemClock)
        : new PrometheusObserver({ url, clock: systemClock, podsOf: (version) => driver.podNames(version) }),
    clock: systemClock,
    stop,
    print,
    wordsBack: `stoa rollout back ${service}`,
    timing: { ...usualTiming, observeMs: secondsOf(options, "observe", usualTiming.observeMs) },
    limits: { ...usualLimits, requestsMin: countOf(options, "requests", usualLimits.requestsMin) },
    isPausing: options["pause"] === true,
    isWithoutProof: options["without-proof"] === true,
  };
  if (verb === "to") await rollOut(rollout, textOf(options, "to") ?? "");
  if (verb === "promote") await promote(rollout);
  if (verb === "back") await takeBack(rollout);
}

function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

function countOf(options: Options, name: string, usual: number): number {
  const said = textOf(options, name);
  if (said === undefined) return usual;
  if (!/^\d{1,6}$/.test(said)) throw new UsageError(`--${name} is a whole number, not "${said}".`);
  return Number(said);
}

function secondsOf(options: Options, name: string, usualMs: number): number {
  return countOf(options, name, usualMs / 1000) * 1000;
}
