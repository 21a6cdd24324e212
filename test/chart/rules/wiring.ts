/** Who means whom: selectors, ports, budgets, autoscalers, policies, routes, references. */
import { facts } from "../facts.ts";
import type { AnyObject, Autoscaler, Selector } from "../objects.ts";
import { byKind, podsOf, selects, type Pods } from "../render.ts";
import { catalogContainer, catalogPod, containersOf, draftOf, type Draft, type Rule } from "./rule.ts";

const scaled = new Set(["Deployment", "StatefulSet", "Rollout"]);

/** Pods that stay: what Services, budgets and policies are for. */
function standingPods(objects: readonly AnyObject[]): Pods[] {
  return podsOf(objects).filter(({ object }) => scaled.has(object.kind));
}

const owners: Rule = {
  name: "a workload's selector means its own pods, of every version, and no other's",
  faults: (objects) =>
    standingPods(objects).flatMap(({ owner, object, labels }) => {
      const { selector } = (object as AnyObject & { spec: { selector: Selector } }).spec;
      const others = podsOf(objects).filter((pods) => pods.owner !== owner && selects(selector, pods.labels));
      const keys = Object.keys(selector.matchLabels ?? {});
      return [
        ...(selects(selector, labels) ? [] : [`${owner} does not select its own pods`]),
        ...others.map((pods) => `${owner} also selects the pods of ${pods.owner}`),
        ...keys
          .filter((key) => !["app.kubernetes.io/instance", "component", "slot"].includes(key))
          .map((key) => `${owner} selects by ${key}, which changes between releases`),
      ];
    }),
  samples: {
    "pods that are not its own": (objects) => {
      draftOf(objects, "Deployment", "catalog").spec.selector.matchLabels = { component: "nobody" };
    },
    "the pods of all": (objects) => {
      draftOf(objects, "Deployment", "catalog").spec.selector.matchLabels = {
        "app.kubernetes.io/instance": "stoa",
      };
    },
    "a selector by version": (objects) => {
      const { spec } = draftOf(objects, "Deployment", "catalog");
      spec.selector.matchLabels = {
        ...spec.selector.matchLabels,
        version: spec.template.metadata?.labels?.["version"] ?? "",
      };
    },
  },
};

const services: Rule = {
  name: "a Service means the pods of its own component, and each of its ports is a port of theirs",
  faults: (objects) =>
    byKind(objects, "Service").flatMap(({ metadata, spec }) => {
      const name = `Service/${metadata.name}`;
      if (spec.type === "ExternalName") return [];
      if (spec.selector === undefined || Object.keys(spec.selector).length === 0)
        return [`${name} selects nothing`];
      const { selector } = spec;
      const pods = podsOf(objects).filter(({ labels }) => selects({ matchLabels: selector }, labels));
      if (pods.length === 0) return [`${name} means no pods: ${JSON.stringify(selector)}`];
      return pods.flatMap(({ owner, labels, template, object }) => {
        const ports = template.spec.containers.flatMap((container) => container.ports ?? []);
        return [
          ...(scaled.has(object.kind) ? [] : [`${name} means the pods of ${owner}, which end`]),
          ...(labels["component"] === metadata.labels?.["component"]
            ? []
            : [`${name} means the pods of ${owner}`]),
          ...spec.ports.flatMap(({ port, targetPort = port }) =>
            ports.some((there) => there.name === targetPort || there.containerPort === targetPort)
              ? []
              : [`${name} sends port ${port} to ${targetPort}, which is no port of ${owner}`],
          ),
        ];
      });
    }),
  samples: {
    "pods that do not exist": (objects) => {
      draftOf(objects, "Service", "product-service").spec.selector = { component: "product" };
    },
    "the pods of another": (objects) => {
      const { spec } = draftOf(objects, "Service", "product-service");
      spec.selector = { ...spec.selector, component: "cart" };
    },
    "a port that does not exist": (objects) => {
      const [port] = draftOf(objects, "Service", "product-service").spec.ports;
      if (port) port.targetPort = "rest";
    },
    "no selector": (objects) => {
      delete draftOf(objects, "Service", "product-service").spec.selector;
    },
  },
};

/** Roles beside the services run when a value or a person asks for them; what they may do is said before. */
const roles = new Set(facts.roles.map(({ name }) => name));

const policies: Rule = {
  name: "a network policy is about pods that exist, lets pods that exist through, and by ports that they have",
  faults: (objects) =>
    byKind(objects, "NetworkPolicy").flatMap(({ metadata, spec }) => {
      const name = `NetworkPolicy/${metadata.name}`;
      const about = podsOf(objects).filter(({ labels }) => selects(spec.podSelector, labels));
      const isRole = (selector: Selector) => roles.has(selector.matchLabels?.["component"] ?? "");
      if (about.length === 0)
        return isRole(spec.podSelector)
          ? []
          : [`${name} is about no pods: ${JSON.stringify(spec.podSelector)}`];
      const peers = [
        ...(spec.ingress ?? []).flatMap(({ from = [] }) => from),
        ...(spec.egress ?? []).flatMap(({ to = [] }) => to),
      ];
      const opened = (spec.ingress ?? []).flatMap(({ ports = [] }) => ports);
      const held = about.flatMap(({ template }) =>
        template.spec.containers.flatMap(({ ports = [] }) =>
          ports.flatMap((port) => [port.name, port.containerPort]),
        ),
      );
      return [
        ...peers.flatMap(({ podSelector, namespaceSelector }) =>
          podSelector === undefined ||
          namespaceSelector !== undefined ||
          isRole(podSelector) ||
          podsOf(objects).some(({ labels }) => selects(podSelector, labels))
            ? []
            : [`${name} lets ${JSON.stringify(podSelector)} through, which is nobody`],
        ),
        ...opened.flatMap(({ port }) =>
          port === undefined || held.includes(port)
            ? []
            : [`${name} opens ${port}, which none of its pods has`],
        ),
      ];
    }),
  samples: {
    "pods that do not exist": (objects) => {
      draftOf(objects, "NetworkPolicy", "catalog").spec.podSelector = {
        matchLabels: { component: "product" },
      };
    },
    "a peer that does not exist": (objects) => {
      (draftOf(objects, "NetworkPolicy", "catalog").spec.ingress ??= []).push({
        from: [{ podSelector: { matchLabels: { component: "nobody" } } }],
      });
    },
    "a port that nobody has": (objects) => {
      (draftOf(objects, "NetworkPolicy", "catalog").spec.ingress ??= []).push({ ports: [{ port: 9999 }] });
    },
  },
};

/** The least that run: what an autoscaler keeps, else what is asked for. */
function fewest(pods: Pods, objects: readonly AnyObject[]): number {
  const scaler = byKind(objects, "HorizontalPodAutoscaler").find((each) => targetOf(each) === pods.owner);
  return scaler && pods.replicas > 0 ? (scaler.spec.minReplicas ?? 1) : pods.replicas;
}

function targetOf({ spec: { scaleTargetRef } }: Autoscaler): string {
  return `${scaleTargetRef.kind}/${scaleTargetRef.name}`;
}

function share(
  value: number | string | undefined,
  of: number,
  round: (number: number) => number,
): number | undefined {
  if (value === undefined || typeof value === "number") return value;
  return round((Number.parseFloat(value) / 100) * of);
}

const budgets: Rule = {
  name: "a budget means the pods of one component, and lets a node be drained however few of them run",
  faults: (objects) =>
    byKind(objects, "PodDisruptionBudget").flatMap(({ metadata, spec }) => {
      const name = `PodDisruptionBudget/${metadata.name}`;
      const means = standingPods(objects).filter(({ labels }) => selects(spec.selector, labels));
      if (means.length === 0) return [`${name} means no pods`];
      const foreign = podsOf(objects).filter(
        ({ labels, object }) =>
          selects(spec.selector, labels) &&
          (!scaled.has(object.kind) || labels["component"] !== metadata.labels?.["component"]),
      );
      if (foreign.length > 0)
        return [`${name} also means the pods of ${foreign.map(({ owner }) => owner).join(", ")}`];
      const running = means.reduce((sum, pods) => sum + fewest(pods, objects), 0);
      if (running === 0) return [];
      const least = share(spec.minAvailable, running, Math.ceil);
      const most = share(spec.maxUnavailable, running, Math.ceil);
      if (least === undefined && most === undefined) return [`${name} says nothing`];
      const mayGo = least === undefined ? (most ?? 0) : running - least;
      return mayGo >= 1 ? [] : [`${name} never lets a node be drained: of ${running} pods none may go`];
    }),
  samples: {
    "none may go": (objects) => {
      const { spec } = draftOf(objects, "PodDisruptionBudget", "catalog");
      delete spec.minAvailable;
      spec.maxUnavailable = 0;
    },
    "all must stay": (objects) => {
      const { spec } = draftOf(objects, "PodDisruptionBudget", "catalog");
      delete spec.maxUnavailable;
      spec.minAvailable = "100%";
    },
    "as many must stay as the autoscaler may leave": (objects) => {
      const { spec } = draftOf(objects, "PodDisruptionBudget", "storefront");
      delete spec.maxUnavailable;
      spec.minAvailable = 3;
      draftOf(objects, "HorizontalPodAutoscaler", "storefront").spec.minReplicas = 3;
    },
    "the pods of two": (objects) => {
      draftOf(objects, "PodDisruptionBudget", "catalog").spec.selector = {
        matchLabels: { "app.kubernetes.io/instance": "stoa" },
      };
    },
    "pods that do not exist": (objects) => {
      draftOf(objects, "PodDisruptionBudget", "catalog").spec.selector = {
        matchLabels: { component: "product" },
      };
    },
  },
};

const autoscalers: Rule = {
  name: "an autoscaler has one target that exists, no other works on it, and what it counts is asked for",
  faults(objects) {
    const all = byKind(objects, "HorizontalPodAutoscaler");
    return all.flatMap((scaler) => {
      const { metadata, spec } = scaler;
      const name = `HorizontalPodAutoscaler/${metadata.name}`;
      const target = standingPods(objects).find(({ owner }) => owner === targetOf(scaler));
      if (target === undefined) return [`${name} scales ${targetOf(scaler)}, which does not exist`];
      const { minReplicas: least = 1, maxReplicas: most, metrics = [] } = spec;
      return [
        ...(all.some((other) => other !== scaler && targetOf(other) === targetOf(scaler))
          ? [`${name} is not the only one of ${targetOf(scaler)}`]
          : []),
        ...(least >= 1 && least <= most ? [] : [`${name} scales from ${least} to ${most}`]),
        ...(target.replicas === 0 || (target.replicas >= least && target.replicas <= most)
          ? []
          : [`${name} scales from ${least} to ${most}, and ${target.owner} begins with ${target.replicas}`]),
        ...(metrics.length > 0 ? [] : [`${name} counts nothing`]),
        ...metrics
          .filter(({ resource }) => resource?.target.type === "Utilization")
          .flatMap(({ resource }) =>
            target.template.spec.containers
              .filter(({ resources }) => resources?.requests?.[resource?.name ?? ""] === undefined)
              .map((container) => `${name} counts ${resource?.name} and ${container.name} asks for none`),
          ),
      ];
    });
  },
  samples: {
    "a target that does not exist": (objects) => {
      draftOf(objects, "HorizontalPodAutoscaler", "storefront").spec.scaleTargetRef.name = "frontend";
    },
    "more at least than at most": (objects) => {
      draftOf(objects, "HorizontalPodAutoscaler", "storefront").spec.minReplicas = 11;
    },
    "fewer at the beginning than at least": (objects) => {
      draftOf(objects, "HorizontalPodAutoscaler", "storefront").spec.minReplicas = 5;
    },
    "nothing to count": (objects) => {
      draftOf(objects, "HorizontalPodAutoscaler", "storefront").spec.metrics = [];
    },
    "two for one": (objects) => {
      const first = draftOf(objects, "HorizontalPodAutoscaler", "storefront");
      objects.push({ ...structuredClone(first), metadata: { ...first.metadata, name: "second" } });
    },
  },
};

const spread: Rule = {
  name: "what keeps pods apart counts the pods of their own component, and never keeps one from starting by zone alone",
  faults: (objects) =>
    standingPods(objects).flatMap(({ owner, labels, template: { spec } }) => {
      const zones = spec.topologySpreadConstraints ?? [];
      const hosts = spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      const selectors = [
        ...zones.map(({ labelSelector }) => labelSelector),
        ...hosts.map(({ podAffinityTerm }) => podAffinityTerm.labelSelector),
      ];
      return selectors.flatMap((selector = {}) => {
        if (!selects(selector, labels)) return [`${owner} is kept apart from others than its own pods`];
        const foreign = podsOf(objects).find(
          (pods) => pods.labels["component"] !== labels["component"] && selects(selector, pods.labels),
        );
        return foreign ? [`${owner} is kept apart from ${foreign.owner}`] : [];
      });
    }),
  samples: {
    "apart from others": (objects) => {
      const [zone] = catalogPod(objects).topologySpreadConstraints ?? [];
      if (zone) zone.labelSelector = { matchLabels: { component: "cart" } };
    },
    "apart from all": (objects) => {
      const [zone] = catalogPod(objects).topologySpreadConstraints ?? [];
      if (zone) zone.labelSelector = {};
    },
  },
};

/** Secrets that the chart's Job makes, or that a value names instead. */
const madeSecrets = [
  "stoa-keys",
  "stoa-databases",
  "stoa-postgres",
  "stoa-redis",
  "stoa-rabbitmq",
  "stoa-admin",
  "api-keys",
];

const references: Rule = {
  name: "what a pod takes from ConfigMaps is in them, and every Secret is one that is made or brought",
  faults(objects) {
    const maps = new Map(
      byKind(objects, "ConfigMap").map(({ metadata, data = {} }) => [metadata.name, data]),
    );
    const brought = new Set([
      ...madeSecrets,
      ...objects.filter(({ kind }) => /^(Secret|ExternalSecret|Certificate)$/.test(kind)).flatMap(secretsOf),
    ]);
    const secret = (where: string, name: string, optional = false) =>
      optional || brought.has(name) ? [] : [`${where} wants the Secret ${name}, which nobody makes`];
    const map = (where: string, name: string, key?: string) => {
      const data = maps.get(name);
      if (data === undefined) return [`${where} wants the ConfigMap ${name}, which does not exist`];
      return key === undefined || key in data
        ? []
        : [`${where} wants ${key} of the ConfigMap ${name}, which is not in it`];
    };
    return [
      ...containersOf(objects).flatMap(({ where, container: { env = [], envFrom = [] } }) => [
        ...env.flatMap(({ valueFrom: { secretKeyRef, configMapKeyRef } = {} }) => [
          ...(secretKeyRef ? secret(where, secretKeyRef.name, secretKeyRef.optional) : []),
          ...(configMapKeyRef && !configMapKeyRef.optional
            ? map(where, configMapKeyRef.name, configMapKeyRef.key)
            : []),
        ]),
        ...envFrom.map(() => `${where} takes all of an object, aliases with another meaning among it`),
      ]),
      ...podsOf(objects).flatMap(({ owner, template }) =>
        (template.spec.volumes ?? []).flatMap(({ configMap, secret: volume }) => [
          ...(configMap && !configMap.optional ? map(owner, configMap.name) : []),
          ...(volume ? secret(owner, volume.secretName, volume.optional) : []),
        ]),
      ),
    ];
  },
  samples: {
    "a key that is not there": (objects) => {
      delete draftOf(objects, "ConfigMap", "service-config").data?.["USER_URL"];
    },
    "a ConfigMap that is not there": (objects) => {
      draftOf(objects, "ConfigMap", "feature-flags").metadata.name = "flags";
    },
    "a Secret that nobody makes": (objects) => {
      (catalogContainer(objects).env ??= []).push({
        name: "MORE",
        valueFrom: { secretKeyRef: { name: "mine", key: "more" } },
      });
    },
    "all of an object": (objects) => {
      catalogContainer(objects).envFrom = [{ configMapRef: { name: "service-config" } }];
    },
  },
};

function secretsOf(object: AnyObject): string[] {
  const { target, secretName } = (object.spec ?? {}) as { target?: { name?: string }; secretName?: string };
  return [object.metadata.name, ...(target?.name ? [target.name] : []), ...(secretName ? [secretName] : [])];
}

const routes: Rule = {
  name: "an Ingress or a route leads to Services and ports that exist",
  faults(objects) {
    const known = new Set(
      byKind(objects, "Service").flatMap(({ metadata, spec }) =>
        spec.ports.flatMap(({ name, port }) => [`${metadata.name}:${port}`, `${metadata.name}:${name}`]),
      ),
    );
    return objects.flatMap((object) => {
      const text = JSON.stringify(object.spec ?? {});
      const name = `${object.kind}/${object.metadata.name}`;
      if (object.kind === "Ingress")
        return (draftOf([object as Draft[number]], "Ingress").spec.rules ?? []).flatMap(({ http }) =>
          (http?.paths ?? []).flatMap(({ backend: { service } }) => {
            const to = `${service.name}:${service.port.name ?? service.port.number}`;
            return known.has(to) ? [] : [`${name} leads to ${to}, which does not exist`];
          }),
        );
      if (!/^(HTTPRoute|GRPCRoute)$/.test(object.kind)) return [];
      const refs = [...text.matchAll(/"backendRefs":(\[[^\]]*\])/g)].flatMap(
        ([, list = "[]"]) => JSON.parse(list) as { name: string; port: number; kind?: string }[],
      );
      return refs.flatMap((ref) =>
        known.has(`${ref.name}:${ref.port}`)
          ? []
          : [`${name} leads to ${ref.name}:${ref.port}, which does not exist`],
      );
    });
  },
  samples: {
    "a Service that does not exist": (objects) => {
      objects.push({
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name: "wrong" },
        spec: {
          rules: [
            {
              http: {
                paths: [
                  {
                    path: "/",
                    pathType: "Prefix",
                    backend: { service: { name: "web", port: { name: "http" } } },
                  },
                ],
              },
            },
          ],
        },
      });
    },
    "a route to a port that does not exist": (objects) => {
      objects.push({
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { name: "wrong" },
        spec: { rules: [{ backendRefs: [{ name: "gateway", port: 1 }] }] },
      });
    },
  },
};

export const wiringRules: readonly Rule[] = [
  owners,
  services,
  policies,
  budgets,
  autoscalers,
  spread,
  references,
  routes,
];
