/** The chart as `helm template` renders it, for tests: typed objects, each rendering made once in a process. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { findProgram } from "#platform/testing/outside-program.ts";
import { chartToolsFolder } from "../../tools/chart/tools-folder.ts";
import type { AnyObject, Kinds, PodTemplate, Selector } from "./objects.ts";

export const chartFolder: string = resolve(import.meta.dirname, "../../deploy/helm/stoa");

export const profiles = ["s0", "s1", "s2", "s3", "s4", "dev", "prod"] as const;
export type Profile = (typeof profiles)[number];

export interface Rendering {
  readonly profile?: Profile;
  /** Further values, over those of the profile. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** As `--set`: `{ "redis.enabled": "true" }`. */
  readonly set?: Readonly<Record<string, string>>;
  /** Such as `1.36`; without one, helm's own. */
  readonly kubeVersion?: string;
  /** Kinds that the cluster has beside its own, such as `monitoring.coreos.com/v1/ServiceMonitor`. */
  readonly apiVersions?: readonly string[];
  readonly namespace?: string;
  readonly release?: string;
}

/** The program, of the machine or of `tools/chart/install.ts`. */
export function findHelm(): string | undefined {
  const installed = join(chartToolsFolder(), "bin/helm");
  return existsSync(installed) ? installed : findProgram("helm");
}

/** For a test's `skip`. */
export const withoutHelm: string | false =
  findHelm() === undefined
    ? "needs helm, which this machine does not have; node tools/chart/install.ts brings it"
    : false;

const rendered = new Map<string, readonly AnyObject[]>();

/** The objects of a release. What helm refuses, throws its words. */
export function render(rendering: Rendering = {}): readonly AnyObject[] {
  const key = JSON.stringify(rendering);
  const objects = rendered.get(key) ?? shared(key) ?? parseObjects(renderText(rendering));
  if (!rendered.has(key)) share(key, objects);
  rendered.set(key, objects);
  return objects;
}

/** Where the files of one run of `run.ts` find what another has rendered: a folder of that run alone. */
const sharedFolder = process.env["CHART_RENDERINGS"];

function shared(key: string): readonly AnyObject[] | undefined {
  if (sharedFolder === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(sharedFile(sharedFolder, key), "utf8")) as AnyObject[];
  } catch {
    return undefined;
  }
}

function share(key: string, objects: readonly AnyObject[]): void {
  if (sharedFolder === undefined) return;
  const file = sharedFile(sharedFolder, key);
  // Written beside it first: another process never reads half of it.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(objects));
  renameSync(`${file}.${process.pid}`, file);
}

function sharedFile(folder: string, key: string): string {
  return join(folder, `${createHash("sha256").update(key).digest("hex")}.json`);
}

/** As text, and never from memory: for tests that compare two renderings. */
export function renderText(rendering: Rendering = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "stoa-chart-"));
  try {
    const { release = "stoa", namespace = "ecommerce" } = rendering;
    return helm(
      ["template", release, chartFolder, "--namespace", namespace].concat(valuesArguments(rendering, folder)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `helm lint --strict`: its words when it is content, thrown when it is not. */
export function lint(rendering: Rendering = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "stoa-chart-"));
  try {
    return helm(
      ["lint", "--strict", chartFolder, "--namespace", rendering.namespace ?? "ecommerce"].concat(
        valuesArguments({ ...rendering, apiVersions: [] }, folder),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function valuesArguments(rendering: Rendering, folder: string): string[] {
  const { profile, values, set = {}, kubeVersion, apiVersions = [] } = rendering;
  const args: string[] = [];
  if (profile) args.push("--values", join(chartFolder, "profiles", `${profile}.yaml`));
  if (values) {
    writeFileSync(join(folder, "values.json"), JSON.stringify(values));
    args.push("--values", join(folder, "values.json"));
  }
  for (const [name, value] of Object.entries(set)) args.push("--set", `${name}=${value}`);
  if (kubeVersion) args.push("--kube-version", kubeVersion);
  for (const version of apiVersions) args.push("--api-versions", version);
  return args;
}

function helm(args: string[]): string {
  const program = findHelm();
  if (program === undefined) throw new Error(String(withoutHelm));
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  if (status === 0) return stdout;
  throw new Error(`helm ${args.join(" ")}\n${error?.message ?? stdout + stderr}`);
}

/** The objects in a YAML text of several documents; empty documents are none. */
export function parseObjects(text: string): AnyObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const object = document.toJS() as AnyObject | null;
    return object === null ? [] : [object];
  });
}

export function byKind<K extends keyof Kinds>(objects: readonly AnyObject[], kind: K): Kinds[K][] {
  return objects.filter((object): object is Kinds[K] => object.kind === kind);
}

/** The one object of this kind and name; throws where there is none, with the names that there are. */
export function find<K extends keyof Kinds>(objects: readonly AnyObject[], kind: K, name: string): Kinds[K] {
  const all = byKind(objects, kind);
  const found = all.find(({ metadata }) => metadata.name === name);
  if (found) return found;
  const names = all.map(({ metadata }) => metadata.name).join(", ") || "none";
  throw new Error(`The chart renders no ${kind} named ${name}; there are: ${names}.`);
}

export interface Pods {
  /** Such as `Deployment/catalog`. */
  readonly owner: string;
  readonly object: AnyObject;
  readonly template: PodTemplate;
  readonly labels: Readonly<Record<string, string>>;
  /** 1 for what runs once. */
  readonly replicas: number;
}

/** Everything that makes pods, Argo's Rollouts among it: they have a Deployment's shape. */
export function podsOf(objects: readonly AnyObject[]): Pods[] {
  return objects.flatMap((object) => {
    const found = templateOf(object);
    if (found === undefined) return [];
    return [
      {
        owner: `${object.kind}/${object.metadata.name}`,
        object,
        labels: found.template.metadata?.labels ?? {},
        ...found,
      },
    ];
  });
}

function templateOf(object: AnyObject): { template: PodTemplate; replicas: number } | undefined {
  switch (object.kind) {
    case "Deployment":
    case "StatefulSet":
    case "Rollout": {
      const { template, replicas = 1 } = (object as Kinds["Deployment"]).spec;
      return template && { template, replicas };
    }
    case "Job":
      return { template: (object as Kinds["Job"]).spec.template, replicas: 1 };
    case "CronJob":
      return { template: (object as Kinds["CronJob"]).spec.jobTemplate.spec.template, replicas: 1 };
    case "Pod":
      return { template: object as unknown as PodTemplate, replicas: 1 };
    default:
      return undefined;
  }
}

/** Whether a selector means pods with these labels; an empty one means all. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          throw new Error(`${operator} is no operator of a label selector.`);
      }
    })
  );
}
