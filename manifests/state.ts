/** What keeps data inside the cluster: PostgreSQL and Redis, one pod with one volume each. */
import { fromSecret, postgresAccount, replicasMax } from "./environment.ts";
import { contentHash, pinned, unlessEmpty, type KubernetesObject, type ShopRelease } from "./shop-release.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { Fields, Placement, ServerValues } from "./values.ts";
import { containerSecurity, memoryFolder, quietAccount } from "./workloads.ts";

export function postgres(release: ShopRelease): KubernetesObject[] {
  const said = release.values.postgres;
  if (!said.enabled) return [];
  const selector = release.selector("postgres");
  const ports = [{ name: "postgres", port: 5432, targetPort: "postgres" }];
  const service = (name: string, more: Fields): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: release.metadata(name, "postgres"),
    spec: { type: "ClusterIP", ...more, selector, ports },
  });
  return [
    quietAccount(release, "postgres"),
    service("postgres-service", { clusterIP: "None", publishNotReadyAddresses: true }),
    service("postgres", {}),
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: release.metadata("postgres", "postgres"),
      spec: {
        serviceName: "postgres-service",
        ...oneSteadyPod,
        persistentVolumeClaimRetentionPolicy: keptVolumes,
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: release.serverLabels("postgres"),
            annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
          },
          spec: postgresPod(release),
        },
        volumeClaimTemplates: [claimTemplate("postgres-storage", said.storage)],
      },
    },
  ];
}

const oneSteadyPod: Fields = {
  replicas: 1,
  podManagementPolicy: "OrderedReady",
  updateStrategy: { type: "RollingUpdate" },
};
const keptVolumes: Fields = { whenDeleted: "Retain", whenScaled: "Retain" };

function postgresPod(release: ShopRelease): Fields {
  const { postgres: said, image } = release.values;
  const parameters = Object.keys(said.parameters).sort();
  return {
    ...serverPod(release, "postgres", said),
    terminationGracePeriodSeconds: said.terminationGracePeriodSeconds,
    containers: [
      {
        name: "postgres",
        image: serverImage(said),
        imagePullPolicy: image.pullPolicy,
        args: [
          "-c",
          "listen_addresses=*",
          "-c",
          `max_connections=${connections(release)}`,
          ...parameters.flatMap((name) => ["-c", `${name}=${String(said.parameters[name])}`]),
        ],
        ports: [{ name: "postgres", containerPort: 5432 }],
        env: [
          ...postgresAccount(release),
          { name: "PGDATA", value: "/var/lib/postgresql/data/pgdata" },
          {
            name: "POSTGRES_INITDB_ARGS",
            value: "--auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8",
          },
        ],
        ...postgresProbes(),
        resources: said.resources,
        securityContext: containerSecurity,
        volumeMounts: [
          { name: "postgres-storage", mountPath: "/var/lib/postgresql/data" },
          { name: "shared-memory", mountPath: "/dev/shm" },
          { name: "socket", mountPath: "/var/run/postgresql" },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      memoryFolder("shared-memory", said.sharedMemory),
      memoryFolder("socket", "1Mi"),
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ],
  };
}

function postgresProbes(): Fields {
  const isReady = ["pg_isready", "--quiet", "--host=127.0.0.1", "--port=5432"];
  return {
    startupProbe: { exec: { command: isReady }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 900 },
    readinessProbe: { exec: { command: isReady }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    livenessProbe: {
      exec: { command: ["sh", "-c", `${isReady.join(" ")}; test $? -le 1`] },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
  };
}

/** What the values say, else what everybody together may want: the autoscalers can never ask for one more than there are. */
function connections(release: ShopRelease): number {
  const owners = release.facts.services.filter(({ database }) => database).length;
  const pods = release.services.reduce((sum, service) => {
    const pools = service.name === "backend" ? owners : service.facts.database ? 1 : 0;
    // A pod that starts has two more for a moment: one migrates, one holds the lock.
    return sum + pools * replicasMax(service) * (service.databasePoolMax + 2);
  }, 0);
  const wanted = pods + 30;
  const said = release.values.postgres.maxConnections;
  if (said && said < wanted)
    throw new StartError(
      `postgres.maxConnections is ${said}, but all pods together may open ${wanted} connections. Raise it, lower databasePoolMax or the largest number of replicas, or leave it at 0.`,
    );
  // By hundreds, because PostgreSQL restarts when the number changes: one pod more or less is no reason.
  return said || Math.ceil(wanted / 100) * 100;
}

export function redis(release: ShopRelease): KubernetesObject[] {
  const said = release.values.redis;
  if (!said.enabled) return [];
  const selector = release.selector("redis");
  return [
    quietAccount(release, "redis"),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: release.metadata("redis", "redis"),
      data: { "redis.conf": `${redisConfig(release)}\n` },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: release.metadata("redis", "redis"),
      spec: { type: "ClusterIP", selector, ports: [{ name: "redis", port: 6379, targetPort: "redis" }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: release.metadata("redis", "redis"),
      spec: {
        serviceName: "redis",
        ...oneSteadyPod,
        persistentVolumeClaimRetentionPolicy: said.persistence ? keptVolumes : undefined,
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: release.serverLabels("redis"),
            annotations: { "checksum/config": contentHash(redisConfig(release)) },
          },
          spec: redisPod(release),
        },
        volumeClaimTemplates: said.persistence ? [claimTemplate("redis-storage", said.storage)] : undefined,
      },
    },
  ];
}

/** Without the password, which the pod writes into a file in memory. */
function redisConfig(release: ShopRelease): string {
  const said = release.values.redis;
  return [
    "include /run/redis/password.conf",
    "bind * -::*",
    "dir /data",
    "# With any other policy Redis throws carts away when it is full, and nobody is told.",
    `maxmemory ${said.maxMemory}`,
    "maxmemory-policy noeviction",
    ...(said.persistence
      ? ["appendonly yes", `appendfsync ${said.appendFsync}`, "save 3600 1 300 100 60 10000"]
      : ["appendonly no", 'save ""']),
  ].join("\n");
}

function redisPod(release: ShopRelease): Fields {
  const { redis: said, image } = release.values;
  const ping = { exec: { command: ["sh", "-c", 'test "$(redis-cli ping)" = PONG'] } };
  return {
    ...serverPod(release, "redis", said),
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: "redis",
        image: serverImage(said),
        imagePullPolicy: image.pullPolicy,
        command: [
          "sh",
          "-c",
          `umask 077 && printf 'requirepass %s\\n' "$REDISCLI_AUTH" > /run/redis/password.conf && exec redis-server /config/redis.conf`,
        ],
        ports: [{ name: "redis", containerPort: 6379 }],
        env: [fromSecret(release, "REDISCLI_AUTH", "redis", "password")],
        startupProbe: { ...ping, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 150 },
        readinessProbe: { ...ping, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
        livenessProbe: {
          exec: { command: ["redis-cli", "ping"] },
          periodSeconds: 10,
          timeoutSeconds: 5,
          failureThreshold: 6,
        },
        resources: said.resources,
        securityContext: containerSecurity,
        volumeMounts: [
          { name: "redis-storage", mountPath: "/data" },
          { name: "config", mountPath: "/config", readOnly: true },
          { name: "password", mountPath: "/run/redis" },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: "redis" } },
      memoryFolder("password", "1Mi"),
      memoryFolder("tmp", "16Mi"),
      ...(said.persistence ? [] : [{ name: "redis-storage", emptyDir: { sizeLimit: "64Mi" } }]),
    ],
  };
}

/** What pods of servers have in common, whoever made their image. */
function serverPod(release: ShopRelease, account: string, said: ServerValues): Fields {
  return {
    serviceAccountName: account,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: release.pullSecrets,
    securityContext: serverSecurity(said),
    ...serverPlacement(said),
  };
}

/** Pod Security "restricted" under the account of the image. */
export function serverSecurity({ uid, gid }: { readonly uid: number; readonly gid: number }): Fields {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: gid,
    fsGroup: gid,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

export function serverPlacement({ priorityClassName, nodeSelector, tolerations }: Placement): Fields {
  return {
    priorityClassName: unlessEmpty(priorityClassName),
    nodeSelector: unlessEmpty(nodeSelector),
    tolerations: unlessEmpty(tolerations),
  };
}

export function serverImage({ image: { repository, tag, digest } }: Pick<ServerValues, "image">): string {
  return pinned(repository, String(tag), digest);
}

export function claim({ size, storageClassName, accessModes }: ServerValues["storage"]): Fields {
  return {
    accessModes,
    storageClassName: unlessEmpty(storageClassName),
    resources: { requests: { storage: size } },
  };
}

function claimTemplate(name: string, storage: ServerValues["storage"]): Fields {
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec: claim(storage) };
}
