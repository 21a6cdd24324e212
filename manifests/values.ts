/** The values of the chart as people write them: deploy/helm/stoa/values.yaml, over it a profile, over both a file of their own. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { StartError } from "#platform/kit/start-error.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface Image {
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}

export interface PortValue {
  readonly name: string;
  readonly port: number;
  readonly targetPort: string | number;
  readonly nodePort?: number;
}

export interface Placement {
  readonly nodeSelector: Fields;
  readonly tolerations: readonly unknown[];
  readonly priorityClassName: string;
}

export interface SlotValue {
  readonly replicas?: number | string | null;
  readonly weight?: number | string | null;
  readonly tag?: string;
  readonly digest?: string;
}

/** What is said of one service, `services.<name>` over `defaults`. */
export interface ServiceValues extends Placement {
  readonly enabled: boolean;
  readonly workload: string;
  readonly image: Image;
  readonly replicas: number;
  readonly resources: Fields;
  readonly probes: Readonly<
    Record<string, (Fields & { readonly path: string; readonly port: string }) | null>
  >;
  readonly env: Fields;
  readonly databasePoolMax: number;
  readonly drain: { readonly delaySeconds: number; readonly seconds: number };
  readonly terminationGracePeriodSeconds: number;
  readonly revisionHistoryLimit: number;
  readonly progressDeadlineSeconds: number;
  readonly service: {
    readonly name: string;
    readonly type: string;
    readonly clusterIP: string;
    readonly loadBalancerSourceRanges: readonly string[];
    readonly annotations: Fields;
    readonly ports: readonly PortValue[];
  };
  readonly aliases: readonly { readonly name: string; readonly ports: readonly PortValue[] }[];
  readonly serviceAccount: { readonly annotations: Fields };
  readonly autoscaling: {
    readonly enabled: boolean;
    readonly keda?: boolean;
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly cpu: number;
    readonly requestsPerSecond: number;
    readonly behavior: Fields;
  };
  readonly budget: { readonly enabled: boolean; readonly maxUnavailable: number | string };
  readonly rollout: {
    readonly engine: string;
    readonly strategy: "rolling" | "blueGreen" | "canary";
    readonly maxSurge: number | string;
    readonly maxUnavailable: number | string;
    readonly active?: string;
    readonly to?: unknown;
    readonly router?: string;
  } & Readonly<Record<"blue" | "green" | "v1" | "v2", SlotValue | undefined>>;
  readonly spread: { readonly zones: string; readonly hosts: string };
  readonly podAnnotations: Fields;
  readonly podLabels: Fields;
  readonly extraVolumes: readonly unknown[];
  readonly extraVolumeMounts: readonly unknown[];
}

interface Claim {
  readonly size: string;
  readonly storageClassName: string;
  readonly accessModes: readonly string[];
  readonly existingClaim?: string;
}

/** A server that others make: PostgreSQL, Redis. */
export interface ServerValues extends Placement {
  readonly enabled: boolean;
  readonly image: Required<Image>;
  readonly uid: number;
  readonly gid: number;
  readonly storage: Claim;
  readonly resources: Fields;
}

export interface SecretValue {
  readonly existing: string;
  readonly remoteKey?: string;
}

export type SecretName = "keys" | "databases" | "postgres" | "redis" | "rabbitmq" | "admin" | "apiKeys";

export type Store = "postgres" | "redis" | "rabbitmq";

interface Door {
  readonly annotations: Fields;
  readonly sourceRanges: readonly string[];
  readonly basicAuthSecret: string;
}

export interface Peer {
  readonly cidrs?: readonly string[];
  readonly peers?: readonly unknown[];
  readonly ports?: readonly number[];
}

export interface Values {
  readonly namespace: string;
  readonly application: string;
  readonly environment: string;
  readonly image: Required<Image> & {
    readonly registry: string;
    readonly prefix: string;
    readonly pullPolicy: string;
    readonly pullSecrets: readonly string[];
  };
  readonly shop: {
    readonly url: string;
    readonly name: string;
    readonly currency: string;
    readonly country: string;
    readonly locale: string;
    readonly supportEmail: string;
    readonly demo: boolean;
    readonly paymentProvider: string;
  };
  readonly settings: Fields;
  readonly flags: Readonly<Record<string, boolean>>;
  readonly topology: "services" | "tiers";
  readonly defaults: ServiceValues;
  readonly services: Readonly<Record<string, Partial<ServiceValues> | undefined>>;
  readonly spot: {
    readonly enabled: boolean;
    readonly services: readonly string[];
    readonly nodeSelector: Fields;
    readonly tolerations: readonly unknown[];
  };
  readonly monitoring: Fields & { readonly tracing: { readonly endpoint: string } };
  readonly secrets: Readonly<Record<SecretName, SecretValue>> & {
    readonly make: boolean;
    readonly external: { readonly enabled: boolean };
    readonly admin: SecretValue & { readonly email: string };
    readonly keys: SecretValue & { readonly signing: boolean };
  };
  readonly postgres: ServerValues & {
    readonly maxConnections: number;
    readonly parameters: Fields;
    readonly sharedMemory: string;
    readonly terminationGracePeriodSeconds: number;
  };
  readonly externalDatabases: {
    readonly host: string;
    readonly port: number;
    readonly sslMode: string;
    readonly ca: { readonly configMap: string; readonly secret: string; readonly key: string };
    readonly make: boolean;
  };
  readonly redis: ServerValues & {
    readonly carts: boolean;
    readonly persistence: boolean;
    readonly appendFsync: string;
    readonly maxMemory: string;
  };
  readonly rabbitmq: ServerValues;
  readonly jobs: Placement & {
    readonly backoffLimit: number;
    readonly migrate: { readonly enabled: boolean };
    readonly resources: Fields;
  };
  readonly audit: Placement & {
    readonly enabled: boolean;
    readonly image: Image;
    readonly everySeconds: number;
    readonly resources: Fields;
  };
  readonly backup: Placement & {
    readonly enabled: boolean;
    readonly schedule: string;
    readonly timeZone: string;
    readonly keepDays: number;
    readonly atInstall: boolean;
    readonly storage: Claim;
    readonly restoreTest: { readonly enabled: boolean; readonly schedule: string };
    readonly resources: Fields;
  };
  readonly networkPolicy: {
    readonly enabled: boolean;
    readonly clients: readonly unknown[];
    readonly ingressControllers: readonly unknown[];
    readonly trustedProxies: readonly string[];
    readonly scrapers: readonly unknown[];
    readonly nodes: readonly string[];
    readonly storeClients: Readonly<Record<Store, readonly unknown[]>>;
    readonly dns: { readonly to: readonly unknown[]; readonly ports: readonly number[] };
    readonly apiServer: { readonly cidrs: readonly string[]; readonly ports: readonly number[] };
    readonly extra: Readonly<
      Record<string, { readonly ingress?: readonly unknown[]; readonly egress?: readonly unknown[] }>
    >;
  };
  readonly egress: {
    readonly cidrs: readonly string[];
    readonly never: readonly string[];
    readonly to: Readonly<Record<string, Peer | undefined>>;
  };
  readonly ingress: Door & {
    readonly enabled: boolean;
    readonly controller: string;
    readonly className: string;
    readonly hosts: readonly string[];
    readonly rateLimit: {
      readonly requestsPerSecond: number;
      readonly burst: number;
      readonly connections: number;
    };
    readonly staff: Door;
    readonly tls: {
      readonly enabled: boolean;
      readonly secretName: string;
      readonly clusterIssuer: string;
      readonly issuer: string;
    };
  };
  readonly gatewayApi: { readonly enabled: boolean };
  readonly tls: { readonly enabled: boolean; readonly hstsSeconds: number };
  readonly mesh: { readonly type: string };
}

const chart = new URL("../deploy/helm/stoa/", import.meta.url);

/** A text of the chart, as it stands there. */
export function chartFile(name: string): string {
  return readFileSync(new URL(name, chart), "utf8");
}

export function profileNames(): string[] {
  return readdirSync(new URL("profiles/", chart))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.replace(/\.yaml$/, ""))
    .sort();
}

export function readValues(profile: string | undefined, file: string | undefined): Values {
  const layers = [chartFile("values.yaml")];
  if (profile !== undefined) {
    if (!profileNames().includes(profile))
      throw new StartError(`There is no profile ${profile}; there are ${profileNames().join(", ")}.`);
    layers.push(chartFile(`profiles/${profile}.yaml`));
  }
  if (file !== undefined) {
    if (!existsSync(file)) throw new StartError(`There is no file ${file} with values.`);
    layers.push(readFileSync(file, "utf8"));
  }
  // What is in them, values.schema.json says; Helm refuses what breaks it.
  return layers.map((text) => (parse(text) ?? {}) as Fields).reduce(over, {}) as unknown as Values;
}

/** One over the other as Helm lays them: maps are merged, lists and everything else replaced, null takes away. */
export function over(below: Fields, above: Fields): Fields {
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const old = merged[name];
    if (value === null) delete merged[name];
    else merged[name] = isMap(old) && isMap(value) ? over(old, value) : value;
  }
  return merged;
}

export function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
