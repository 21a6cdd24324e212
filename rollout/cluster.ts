// A service of a helm release on Kubernetes. Every change is a change of the release's values, so that they always tell the truth; what
// is seen, Kubernetes and the pods say.
import type { Clock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { Driver, Health, Standing, Version } from "./driver.ts";
import { readFigures, type Readings } from "./figures.ts";
import { slotOf, slotsOf, type RolloutState, type Strategy } from "./plan.ts";
import { healthOf, isReady, podsOf, versionOf, type Pod } from "./pods.ts";
import type { PodReach } from "./reach.ts";
import type { Release, Sets } from "./release.ts";
import type { Tools } from "./tool.ts";
import { rolloutValues, type RolloutValues } from "./rollout-values.ts";

export interface ClusterOptions {
  readonly service: string;
  readonly release: Release;
  readonly tools: Tools;
  readonly reach: PodReach;
  readonly clock: Clock;
  /** A way to roll out other than what the values say, where pods stand the same for both. */
  readonly strategy: Strategy | undefined;
  /** What the operator's own test of a preview does; throws when it fails. */
  readonly tryOwn: ((version: Version) => Promise<void>) | undefined;
}

/** What an edge answers without anybody having signed in. */
const tried: { readonly [service: string]: readonly string[] } = {
  gateway: ["/health", "/ready", "/api/products?limit=1"],
  storefront: ["/health", "/ready", "/"],
  admin: ["/health", "/ready", "/admin/login"],
};

export class ClusterDriver implements Driver {
  readonly service: string;
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.service = options.service;
    this.#options = options;
  }

  /** Whether the release runs this service. */
  async isThere(): Promise<boolean> {
    return (await this.#deployments()).length > 0;
  }

  async read(): Promise<Standing> {
    const values = await this.#values();
    const deployments = await this.#deployments();
    const { strategy } = values;
    const slots = Object.fromEntries(
      slotsOf[strategy].map((name) => {
        const slot = values.slots[name];
        const live = deployments.find(({ slot: is }) => is === name);
        const isActive = name === values.active;
        const replicas = slot?.replicas ?? (isActive ? values.replicas : 0);
        // A slot that has never run has no version, whatever the release's own is.
        const usual = isActive || replicas > 0 ? (values.version ?? live?.version) : undefined;
        return [
          name,
          {
            tag: slot?.version ?? usual ?? "",
            replicas,
            weight: slot?.weight ?? (isActive ? 100 : 0),
          },
        ];
      }),
    );
    const state: RolloutState = { strategy, active: values.active, to: values.to, slots };
    const carrying = deployments.find(({ slot }) => slot === values.active)?.replicas ?? 0;
    // An autoscaler may have found that more are needed; a rollout under way remembers how many there were.
    const replicas =
      values.to === "" ? Math.max(values.replicas, carrying) : (values.full ?? values.replicas);
    return { state, replicas };
  }

  async apply(state: RolloutState, replicas: number, why: string): Promise<void> {
    const values = await this.#values();
    await this.#options.release.set(setsOf(this.service, state, { replicas, usual: values.replicas }), why);
  }

  async health(version: Version): Promise<Health> {
    const deployment = (await this.#deployments()).find(({ slot }) => slot === version.slot);
    const pods = podsOf(await this.#pods(version.slot), version.tag);
    const { clock } = this.#options;
    return healthOf(pods, deployment?.replicas ?? 0, clock.now().getTime());
  }

  async readings(version: Version): Promise<Readings> {
    const pods = podsOf(await this.#pods(version.slot), version.tag).filter(isReady);
    const read = await Promise.all(
      pods.map(async (pod) => {
        const answer = await this.#options.reach.get(
          pod.metadata.name,
          portOf(pod, "operations"),
          "/metrics",
        );
        if (answer?.status !== 200) return [];
        const restarts = pod.status?.containerStatuses?.reduce((sum, one) => sum + one.restartCount, 0) ?? 0;
        return [[`${pod.metadata.name}/${restarts}`, readFigures(answer.text)] as const];
      }),
    );
    if (pods.length > 0 && read.every((one) => one.length === 0))
      throw new StartError(
        `Nobody here can read /metrics of the pods of ${this.service}: neither through the API server nor by kubectl port-forward. Give the right to one of them, or name a Prometheus: --prometheus URL.`,
      );
    return new Map(read.flat());
  }

  async tryOut(version: Version): Promise<string | undefined> {
    const pods = podsOf(await this.#pods(version.slot), version.tag);
    const { reach, tryOwn } = this.#options;
    for (const pod of pods)
      for (const path of tried[this.service] ?? ["/health", "/ready"]) {
        const isPage = !["/health", "/ready"].includes(path);
        const answer = await reach.get(pod.metadata.name, portOf(pod, isPage ? "http" : "operations"), path);
        if (answer === undefined && tryOwn !== undefined) continue;
        if (answer === undefined)
          throw new StartError(
            `Nobody reaches the pod ${pod.metadata.name} from here, so ${version.slot} was not tried, and waits. Allow pods/proxy or pods/portforward, or try it by a command of your own: --try.`,
          );
        if (answer.status >= 500)
          return `The pod ${pod.metadata.name} answers ${path} with ${answer.status}.`;
      }
    try {
      await tryOwn?.(version);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return undefined;
  }

  async findPrevious(): Promise<string | undefined> {
    const text = await this.#options.tools.kubectl([
      "get",
      "replicasets",
      "--selector",
      await this.#selector(),
      "--output",
      "json",
    ]);
    const { items } = JSON.parse(text) as { items: ReplicaSet[] };
    const versions = items
      .sort((a, b) => revisionOf(b) - revisionOf(a))
      .map(({ spec }) => versionOf(spec.template.spec.containers[0]?.image ?? ""));
    return versions.find((version) => version !== versions[0] && version !== "");
  }

  /** Names of the pods of a version, for whoever asks a Prometheus about them. */
  async podNames({ slot, tag }: Version): Promise<string[]> {
    return podsOf(await this.#pods(slot), tag).map(({ metadata }) => metadata.name);
  }

  async #values(): Promise<RolloutValues> {
    const values = rolloutValues(await this.#options.release.values(), this.service);
    const { strategy } = this.#options;
    if (values.engine === "argo")
      throw new StartError(
        `${this.service} is rolled out by Argo Rollouts (engine: argo): set its tag with helm, and follow it with kubectl argo rollouts get rollout ${values.workload} --watch.`,
      );
    if (strategy !== undefined && strategy !== values.strategy)
      throw new StartError(
        `${this.service} stands for ${values.strategy} (services.${this.service}.rollout.strategy), not for ${strategy}: its Deployments would have other names. Set the value with helm first.`,
      );
    return values;
  }

  async #selector(): Promise<string> {
    return `app.kubernetes.io/instance=${this.#options.release.name},component=${this.service}`;
  }

  async #deployments(): Promise<{ slot: string; replicas: number; version: string }[]> {
    const text = await this.#options.tools.kubectl([
      "get",
      "deployments",
      "--selector",
      await this.#selector(),
      "--output",
      "json",
    ]);
    const { items } = JSON.parse(text) as { items: Deployment[] };
    return items.map(({ spec }) => ({
      slot: spec.template.metadata.labels?.["slot"] ?? "",
      replicas: spec.replicas ?? 1,
      version: versionOf(spec.template.spec.containers[0]?.image ?? ""),
    }));
  }

  async #pods(slot: string): Promise<Pod[]> {
    const selector = `${await this.#selector()}${slot === "" ? "" : `,slot=${slot}`}`;
    const text = await this.#options.tools.kubectl([
      "get",
      "pods",
      "--selector",
      selector,
      "--output",
      "json",
    ]);
    return (JSON.parse(text) as { items: Pod[] }).items;
  }
}

interface PodTemplate {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

interface Deployment {
  readonly spec: { readonly replicas?: number; readonly template: PodTemplate };
}

interface ReplicaSet {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly template: PodTemplate };
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

function portOf(pod: Pod, name: string): number {
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const found = ports.find((port) => port.name === name) ?? ports.find((port) => port.name === "http");
  return found?.containerPort ?? 8080;
}

/** The values that a state is, for helm. What is as it would be anyhow is left to the service's own values. */
export function setsOf(
  service: string,
  state: RolloutState,
  { replicas, usual }: { readonly replicas: number; readonly usual: number },
): Sets {
  const sets = new Map<string, string | number>();
  const base = `services.${service}`;
  if (state.strategy === "rolling") {
    setVersion(sets, `${base}.image`, slotOf(state, "").tag);
    return sets;
  }
  const rollout = `${base}.rollout`;
  const isUnderWay = state.to !== "";
  sets.set(`${rollout}.active`, state.active);
  sets.set(`${rollout}.to`, state.to);
  sets.set(`${rollout}.replicas`, isUnderWay ? replicas : "");
  for (const [name, slot] of Object.entries(state.slots)) {
    const isActive = name === state.active;
    const isUsual = !isUnderWay && slot.replicas === (isActive ? usual : 0);
    setVersion(sets, `${rollout}.${name}`, slot.tag);
    sets.set(`${rollout}.${name}.replicas`, isUsual ? "" : slot.replicas);
    sets.set(`${rollout}.${name}.weight`, isUnderWay ? slot.weight : "");
  }
  return sets;
}

function setVersion(sets: Map<string, string | number>, path: string, version: string): void {
  const isDigest = version.startsWith("sha256:");
  sets.set(`${path}.tag`, isDigest ? "" : version);
  sets.set(`${path}.digest`, isDigest ? version : "");
}
