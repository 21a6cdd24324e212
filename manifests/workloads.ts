/** What runs a service: its account, Deployments, Services, budget and autoscaler. */
import { authorityMounts, authorityVolumes } from "./authority.ts";
import { environmentOf } from "./environment.ts";
import {
  contentHash,
  unlessEmpty,
  type KubernetesObject,
  type Service,
  type ShopRelease,
  type Slot,
} from "./shop-release.ts";
import { over, type Fields, type Placement, type PortValue } from "./values.ts";

export function serviceAccount(release: ShopRelease, service: Service): KubernetesObject {
  const annotations = unlessEmpty(service.serviceAccount.annotations);
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: release.metadata(service.workload, service.name, { annotations }),
    automountServiceAccountToken: false,
  };
}

/** The account of a part that asks Kubernetes nothing. */
export function quietAccount(release: ShopRelease, component: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: release.metadata(component, component),
    automountServiceAccountToken: false,
  };
}

/** One for each slot. */
export function deployments(release: ShopRelease, service: Service): KubernetesObject[] {
  return release.slots(service).map((slot) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: slot.deployment,
      namespace: release.namespace,
      labels: release.labels(service.name, { version: slot.tag, slot: slot.name }),
    },
    spec: {
      replicas: slot.replicas,
      revisionHistoryLimit: service.revisionHistoryLimit,
      progressDeadlineSeconds: service.progressDeadlineSeconds,
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: service.rollout.maxSurge, maxUnavailable: service.rollout.maxUnavailable },
      },
      selector: { matchLabels: release.selector(service.name, slot.name) },
      template: pod(release, service, slot),
    },
  }));
}

/** The same for every service and every way to roll it out. */
function pod(release: ShopRelease, service: Service, slot: Slot): Fields {
  const { values } = release;
  const asksDatabase = Boolean(service.facts.database) || service.name === "backend";
  return {
    metadata: {
      labels: {
        ...release.labels(service.name, { version: slot.tag, slot: slot.name, isPod: true }),
        ...service.podLabels,
      },
      annotations: {
        "checksum/config": contentHash(serviceConfig(release)),
        "checksum/secrets": contentHash(values.secrets),
        ...service.podAnnotations,
      },
    },
    spec: {
      serviceAccountName: service.workload,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: service.terminationGracePeriodSeconds,
      imagePullSecrets: release.pullSecrets,
      securityContext: podSecurity,
      ...placement(release, service),
      containers: [
        {
          name: service.name,
          image: release.image(service.name, service.image, slot),
          imagePullPolicy: values.image.pullPolicy,
          args: service.facts.command ?? ["serve", service.name],
          ports: Object.entries(service.facts.ports)
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([name, containerPort]) => ({ name, containerPort })),
          env: environmentOf(release, service),
          ...probes(service),
          resources: service.resources,
          securityContext: containerSecurity,
          volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            { name: "flags", mountPath: "/config/flags", readOnly: true },
            ...(asksDatabase ? authorityMounts(release) : []),
            ...service.extraVolumeMounts,
          ],
        },
      ],
      volumes: [
        memoryFolder("tmp", "16Mi"),
        { name: "flags", configMap: { name: "feature-flags" } },
        ...(asksDatabase ? authorityVolumes(release) : []),
        ...service.extraVolumes,
      ],
    },
  };
}

/** Pod Security "restricted". */
export const podSecurity: Fields = {
  runAsNonRoot: true,
  runAsUser: 1001,
  runAsGroup: 1001,
  fsGroup: 1001,
  seccompProfile: { type: "RuntimeDefault" },
};

export const containerSecurity: Fields = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

export function memoryFolder(name: string, sizeLimit: string): Fields {
  return { name, emptyDir: { medium: "Memory", sizeLimit } };
}

function probes({ probes: said }: Service): Fields {
  return Object.fromEntries(
    Object.entries(said).flatMap(([kind, probe]) => {
      if (!probe) return [];
      const { path, port, ...more } = probe;
      return [[`${kind}Probe`, { httpGet: { path, port }, ...more }] as const];
    }),
  );
}

/** Where pods run: apart from each other if it can be had, and what others may wait for on nodes that may go at any time. */
export function placement(
  release: ShopRelease,
  {
    name,
    nodeSelector,
    tolerations,
    priorityClassName,
    spread,
  }: Placement & { name: string; spread: Service["spread"] },
): Fields {
  const { spot } = release.values;
  const isOnSpot = spot.enabled && spot.services.includes(name);
  const labelSelector = { matchLabels: release.selector(name) };
  const byHost = { topologyKey: "kubernetes.io/hostname", labelSelector };
  return {
    priorityClassName: unlessEmpty(priorityClassName),
    nodeSelector: unlessEmpty(isOnSpot ? over(spot.nodeSelector, nodeSelector) : nodeSelector),
    tolerations: unlessEmpty(isOnSpot ? [...spot.tolerations, ...tolerations] : tolerations),
    topologySpreadConstraints: spread.zones
      ? [
          {
            topologyKey: "topology.kubernetes.io/zone",
            maxSkew: 1,
            whenUnsatisfiable: spread.zones,
            matchLabelKeys: ["pod-template-hash"],
            labelSelector,
          },
        ]
      : undefined,
    affinity: spread.hosts
      ? {
          podAntiAffinity:
            spread.hosts === "required"
              ? { requiredDuringSchedulingIgnoredDuringExecution: [byHost] }
              : {
                  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: byHost }],
                },
        }
      : undefined,
  };
}

/** The main Service, the headless one of its gRPC port, the names that others know it by, and those of single slots. */
export function services(release: ShopRelease, service: Service): KubernetesObject[] {
  const selector = release.selector(service.name, release.servedSlot(service));
  const { service: said, facts, name } = service;
  const { grpc } = facts.ports;
  const main = release.metadata(said.name, name, { annotations: unlessEmpty(said.annotations) });
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { ...main, labels: { ...release.labels(name), metrics: "operations" } },
      spec: {
        type: said.type,
        clusterIP: unlessEmpty(said.clusterIP),
        loadBalancerSourceRanges: unlessEmpty(said.loadBalancerSourceRanges),
        selector,
        ports: said.ports.map(port),
      },
    },
    ...(grpc === undefined
      ? []
      : [
          {
            apiVersion: "v1",
            kind: "Service",
            metadata: release.metadata(name, name),
            spec: {
              clusterIP: "None",
              selector,
              ports: [port({ name: "grpc", port: grpc, targetPort: "grpc" })],
            },
          },
        ]),
    ...service.aliases.map((alias) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: release.metadata(alias.name, name),
      spec: { selector, ports: alias.ports.map(port) },
    })),
    ...slotServices(release, service),
  ];
}

function port({ name, port: number, targetPort, nodePort }: PortValue): Fields {
  const appProtocol = targetPort === "grpc" ? "grpc" : "http";
  return { name, port: number, targetPort, appProtocol, nodePort: unlessEmpty(nodePort) };
}

/** The idle colour, to be tried before it has traffic; each version of a canary, for those who divide the traffic. */
function slotServices(release: ShopRelease, service: Service): KubernetesObject[] {
  const { strategy } = service.rollout;
  if (strategy === "rolling") return [];
  const active = release.activeSlot(service);
  return release
    .slots(service)
    .filter(({ name }) => strategy === "canary" || name !== active)
    .map((slot) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: strategy === "canary" ? slot.deployment : `${service.workload}-preview`,
        namespace: release.namespace,
        labels: release.labels(service.name, { slot: slot.name }),
      },
      spec: {
        type: "ClusterIP",
        selector: release.selector(service.name, slot.name),
        ports: service.service.ports.map((each) =>
          port({ name: each.name, port: each.port, targetPort: each.targetPort }),
        ),
      },
    }));
}

/** How many pods a drain of nodes may take at once. */
export function budget(release: ShopRelease, service: Service): KubernetesObject[] {
  if (!service.budget.enabled) return [];
  return [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: release.metadata(service.workload, service.name),
      spec: {
        maxUnavailable: service.budget.maxUnavailable,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: release.selector(service.name) },
      },
    },
  ];
}

/** Of the active slot; none while a canary is under way. */
export function autoscaler(release: ShopRelease, service: Service): KubernetesObject[] {
  const { autoscaling: scaling, name } = service;
  const target = release.slots(service).find(({ isActive }) => isActive);
  if (!scaling.enabled || target === undefined) return [];
  const cpu = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: scaling.cpu } },
  };
  const requests = {
    type: "Pods",
    pods: {
      metric: { name: "http_requests_per_second" },
      target: { type: "AverageValue", averageValue: String(scaling.requestsPerSecond) },
    },
  };
  return [
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: release.metadata(service.workload, name),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target.deployment },
        minReplicas: scaling.minReplicas,
        maxReplicas: scaling.maxReplicas,
        metrics: [...(scaling.cpu ? [cpu] : []), ...(scaling.requestsPerSecond ? [requests] : [])],
        behavior: scaling.behavior,
      },
    },
  ];
}

/** What ConfigMap service-config says: where everybody is, and what all of them agree on. */
export function serviceConfig(release: ShopRelease): Readonly<Record<string, string>> {
  const { shop } = release.values;
  const agreed = {
    SHOP_URL: shop.url,
    SHOP_NAME: shop.name,
    SHOP_CURRENCY: shop.currency,
    SHOP_COUNTRY: shop.country,
    SHOP_LOCALE: shop.locale,
    SHOP_SUPPORT_EMAIL: shop.supportEmail,
  };
  if (release.isTiers) {
    const backend = release.service("backend");
    const url = `http://${backend.service.name}:${backend.facts.ports["http"]}`;
    const { host, port: number } = release.database;
    return {
      ...agreed,
      GATEWAY_URL: url,
      BACKEND_URL: url,
      DATABASE_HOST: host,
      DATABASE_PORT: String(number),
    };
  }
  const urls = release.facts.services.map(
    ({ name }) => [`${name.toUpperCase().replaceAll("-", "_")}_URL`, urlOf(release.service(name))] as const,
  );
  const ofSeeds = {
    PRODUCT_SERVICE: "catalog",
    USER_SERVICE: "user",
    ORDER_SERVICE: "order",
    CART_SERVICE: "cart",
  };
  const operations = Object.entries(ofSeeds).map(([key, name]) => {
    const { service, facts } = release.service(name);
    return [`SERVICE_URLS.${key}`, `http://${service.name}:${facts.ports["operations"]}`] as const;
  });
  return { ...agreed, ...Object.fromEntries([...urls, ...operations]) };
}

/** gRPC at every pod behind the headless Service, HTTP at the main one. */
function urlOf({ name, facts, service }: Service): string {
  const { grpc } = facts.ports;
  return grpc === undefined ? `http://${service.name}:${service.ports[0]?.port}` : `dns:///${name}:${grpc}`;
}

export function configMaps(release: ShopRelease): KubernetesObject[] {
  const flags = Object.entries(release.values.flags).sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: release.metadata("service-config", "config"),
      data: serviceConfig(release),
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: release.metadata("feature-flags", "config"),
      data: {
        ...Object.fromEntries(flags.map(([name, isOn]) => [`FEATURES.${name}`, String(isOn)])),
        "features.yaml": `${flags.map(([name, isOn]) => `${name}: "${isOn}"`).join("\n")}\n`,
      },
    },
  ];
}

/** Only where the values name a namespace that is not the release's. */
export function namespace(release: ShopRelease): KubernetesObject[] {
  if (release.namespace === release.home) return [];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: release.namespace,
        labels: {
          ...release.labels("namespace"),
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
        annotations: { "helm.sh/resource-policy": "keep" },
      },
    },
  ];
}
