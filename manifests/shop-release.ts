/** What all objects of a release have in common: names, labels, images, the values of each service, and what the program says of it. */
import { createHash } from "node:crypto";
import { parse } from "yaml";
import { StartError } from "#platform/kit/start-error.ts";
import {
  chartFile,
  over,
  type Fields,
  type Image,
  type SecretName,
  type ServiceValues,
  type Values,
} from "./values.ts";

/** An object of Kubernetes. Fields that are undefined are not there. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Fields & { readonly name: string };
  readonly [field: string]: unknown;
}

interface Outside {
  readonly port: string;
  readonly setting: string;
  readonly default?: string | null;
  readonly reaches: readonly {
    readonly choice: string;
    readonly setting: string;
    readonly default?: string | null;
    readonly ports: Readonly<Record<string, number>>;
  }[];
}

/** What deploy/services.json says of a service, or of a role beside the services. */
export interface Facts {
  readonly name: string;
  readonly watchesShop?: boolean;
  readonly database?: string | null;
  readonly databases?: string;
  readonly asksKubernetes?: boolean;
  readonly command?: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly connections: readonly { readonly to: string; readonly protocol: string }[];
  readonly secrets: readonly string[];
  readonly outside?: readonly Outside[];
  readonly redis?: readonly string[];
  readonly runs?: readonly string[];
  readonly reads?: readonly { readonly service: string; readonly setting: string }[];
}

interface AllFacts {
  readonly common: { readonly outside: readonly Outside[]; readonly redis: readonly string[] };
  readonly services: readonly Facts[];
  readonly roles: readonly Facts[];
}

export interface Service extends ServiceValues {
  readonly name: string;
  readonly facts: Facts;
}

/** One Deployment of a service: rolling has one, without a name. */
export interface Slot {
  readonly name: string;
  readonly deployment: string;
  readonly replicas: number;
  readonly tag: string;
  readonly digest: string;
  readonly weight: number;
  /** Whether it carries the service alone, so that an autoscaler decides how many pods it has. */
  readonly isActive: boolean;
}

const secretNames: Readonly<Record<SecretName, string>> = {
  keys: "stoa-keys",
  databases: "stoa-databases",
  postgres: "stoa-postgres",
  redis: "stoa-redis",
  rabbitmq: "stoa-rabbitmq",
  admin: "stoa-admin",
  apiKeys: "api-keys",
};

const slotNames = { rolling: [""], blueGreen: ["blue", "green"], canary: ["v1", "v2"] } as const;

export class ShopRelease {
  readonly values: Values;
  readonly name: string;
  /** Where the release is; its objects stand in `namespace`. */
  readonly home: string;
  readonly facts = JSON.parse(chartFile("files/services.json")) as AllFacts;
  readonly #chart = parse(chartFile("Chart.yaml")) as { name: string; version: string; appVersion: string };

  constructor(values: Values, name: string, home: string) {
    this.values = values;
    this.name = name;
    this.home = home;
  }

  get namespace(): string {
    return this.values.namespace || this.home;
  }

  get isTiers(): boolean {
    return this.values.topology === "tiers";
  }

  get version(): string {
    return this.values.image.tag || this.#chart.appVersion;
  }

  /** What runs as workloads of its own. */
  get running(): string[] {
    if (this.isTiers) return ["storefront", "backend"];
    return this.facts.services.map(({ name }) => name).filter((name) => this.service(name).enabled);
  }

  get services(): Service[] {
    return this.running.map((name) => this.service(name));
  }

  /** Of a service or a role; one that runs services takes their secrets too. */
  factsOf(name: string): Facts {
    const { services, roles } = this.facts;
    const found = [...services, ...roles].find((each) => each.name === name);
    if (!found) throw new StartError(`There is no service ${name} in deploy/services.json.`);
    const inside = services.filter((each) => found.runs?.includes(each.name));
    return { ...found, secrets: [...new Set([found, ...inside].flatMap(({ secrets }) => secrets))] };
  }

  service(name: string): Service {
    const { defaults, services } = this.values;
    const said = over(
      defaults as unknown as Fields,
      (services[name] ?? {}) as Fields,
    ) as unknown as ServiceValues;
    return {
      ...said,
      name,
      workload: said.workload || name,
      service: { ...said.service, name: said.service.name || `${name}-service` },
      facts: this.factsOf(name),
    };
  }

  slots(service: Service): Slot[] {
    const { rollout, workload, replicas, image } = service;
    if (rollout.strategy === "rolling")
      return [
        {
          name: "",
          deployment: workload,
          replicas,
          tag: image.tag ?? "",
          digest: image.digest ?? "",
          weight: 100,
          isActive: true,
        },
      ];
    const active = this.activeSlot(service);
    const isShared = rollout.strategy === "canary" && Boolean(rollout.to);
    return slotNames[rollout.strategy].map((name) => {
      const own = rollout[name] ?? {};
      return {
        name,
        deployment: `${workload}-${name}`,
        replicas: numberOr(own.replicas, name === active ? replicas : 0),
        tag: own.tag ?? "",
        digest: own.digest ?? "",
        weight: numberOr(own.weight, name === active ? 100 : 0),
        isActive: name === active && !isShared,
      };
    });
  }

  /** The slot that is trusted. */
  activeSlot({ rollout: { strategy, active } }: Service): string {
    const names: readonly string[] = slotNames[strategy];
    const chosen = active || (names[0] ?? "");
    if (names.includes(chosen)) return chosen;
    throw new StartError(
      `rollout.active is ${chosen}, but the slots of ${strategy} are ${names.join(" and ")}.`,
    );
  }

  /** The slot that the main Service means: the active colour, else all pods. */
  servedSlot(service: Service): string {
    return service.rollout.strategy === "blueGreen" ? this.activeSlot(service) : "";
  }

  /** The six labels of the shop and those that Kubernetes recommends. Of pods without the chart's version, which alone makes none anew. */
  labels(component: string, more: { version?: string; slot?: string; isPod?: boolean } = {}): Fields {
    const version = labelVersion(more.version || this.version);
    return {
      ...this.#steady(component, version),
      ...(!more.isPod && {
        "helm.sh/chart": `${this.#chart.name}-${this.#chart.version}`.replaceAll("+", "_"),
      }),
      ...(more.slot && { slot: more.slot }),
    };
  }

  /** Of a server's pod, whose image has a version of its own: nothing in them changes with a release of the shop. */
  serverLabels(component: "postgres" | "redis"): Fields {
    return this.#steady(component, labelVersion(this.values[component].image.tag));
  }

  #steady(component: string, version: string): Fields {
    const { application, environment } = this.values;
    return {
      app: application,
      component,
      version,
      environment,
      "managed-by": "helm",
      tier: tierOf(component),
      "app.kubernetes.io/name": component,
      "app.kubernetes.io/instance": this.name,
      "app.kubernetes.io/component": component,
      "app.kubernetes.io/version": version,
      "app.kubernetes.io/part-of": application,
      "app.kubernetes.io/managed-by": "Helm",
    };
  }

  /** Services that ask every process how it does; in the three tiers nobody does: those open what they open. */
  get watchers(): string[] {
    if (this.isTiers) return [];
    return this.running.filter((name) => this.factsOf(name).watchesShop === true);
  }

  /** Every place that is asked: the headless Service with all pods of a component, and their operations port. */
  get places(): { readonly name: string; readonly host: string; readonly port: number }[] {
    if (this.watchers.length === 0) return [];
    const names = [...this.running, ...(this.values.audit.enabled ? ["audit"] : [])];
    return names.map((name) => {
      return { name, host: `${name}-processes`, port: this.factsOf(name).ports["operations"] ?? 0 };
    });
  }

  /** What means the pods of a component, or of one of its slots; it never changes between releases. */
  selector(component: string, slot = ""): Fields {
    return { "app.kubernetes.io/instance": this.name, component, ...(slot && { slot }) };
  }

  metadata(name: string, component: string, more: Fields = {}): Fields & { name: string } {
    return { name, namespace: this.namespace, labels: this.labels(component), ...more };
  }

  /** An image of the shop: what a slot says goes before what the service says, and that before what is said for all. */
  image(name: string, own: Image = {}, slot: Image = {}): string {
    const { image } = this.values;
    const place = own.repository || `${image.prefix}${name}`;
    const repository = image.registry ? `${image.registry.replace(/\/$/, "")}/${place}` : place;
    let tag = own.tag || this.version;
    let digest = own.digest || (own.tag ? "" : image.digest);
    if (slot.tag || slot.digest) {
      tag = slot.tag || tag;
      digest = slot.digest || "";
    }
    return pinned(repository, tag, digest);
  }

  /** The name of a secret: an existing one, else the chart's own. */
  secretName(secret: SecretName): string {
    return this.values.secrets[secret].existing || secretNames[secret];
  }

  /** Where PostgreSQL answers. */
  get database(): { readonly host: string; readonly port: number; readonly sslMode: string } {
    const { postgres, externalDatabases: outside } = this.values;
    if (postgres.enabled) return { host: "postgres-service", port: 5432, sslMode: "disable" };
    return { host: outside.host, port: outside.port || 5432, sslMode: outside.sslMode || "verify-full" };
  }

  get pullSecrets(): Fields[] | undefined {
    return unlessEmpty(this.values.image.pullSecrets.map((name) => ({ name })));
  }
}

/** An image by its digest where there is one. */
export function pinned(repository: string, tag: string, digest: string): string {
  if (tag === "latest")
    throw new StartError(
      `The image ${repository} has the tag latest, which says nothing of what runs. Name a version, or a digest.`,
    );
  return digest ? `${repository}@${digest}` : `${repository}:${tag}`;
}

export function tierOf(component: string): string {
  if (["storefront", "gateway", "admin"].includes(component)) return "frontend";
  return ["postgres", "redis"].includes(component) ? "database" : "backend";
}

function labelVersion(version: string): string {
  return String(version)
    .replaceAll("+", "_")
    .slice(0, 63)
    .replace(/-$/, "")
    .replace(/\.$/, "")
    .replace(/_$/, "");
}

function numberOr(said: number | string | null | undefined, otherwise: number): number {
  return said === undefined || said === null || said === "" ? otherwise : Number(said);
}

/** What Helm's `with` leaves out: nothing, zero, and what holds nothing. */
export function unlessEmpty<T>(value: T): T | undefined {
  const isEmpty = typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;
  return isEmpty ? undefined : value;
}

/** The hash of a content, the same for Helm's `toJson | sha256sum`: fields in alphabetical order, and <, > and & written as escapes. */
export function contentHash(content: unknown): string {
  const text = JSON.stringify(content, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
  const escaped = text.replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return createHash("sha256").update(escaped).digest("hex");
}
