/** What runs and what it is given: images, secrets, names, labels, resources. */
import type { AnyObject } from "../objects.ts";
import { byKind, podsOf } from "../render.ts";
import { bytesOf, coresOf } from "../quantities.ts";
import { catalogContainer, catalogPod, containersOf, draftOf, type Draft, type Rule } from "./rule.ts";

const images: Rule = {
  name: "every image is pinned by a version or a digest, never latest, and pulled only where it is missing",
  faults: (objects) =>
    containersOf(objects).flatMap(({ where, container: { image, imagePullPolicy } }) => {
      const [, tag, digest] = /^[^@]*?(?::([^:/@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
      const faults = [];
      if (tag === undefined && digest === undefined)
        faults.push(`${where} runs ${image}, which is no one version`);
      if (tag === "latest") faults.push(`${where} runs ${image}`);
      if (imagePullPolicy !== "IfNotPresent")
        faults.push(`${where} pulls ${imagePullPolicy ?? "as it likes"}`);
      return faults;
    }),
  samples: {
    latest: (objects) => {
      catalogContainer(objects).image = "ecommerce/catalog:latest";
    },
    "no version": (objects) => {
      catalogContainer(objects).image = "registry.example.com:5000/ecommerce/catalog";
    },
    "half a digest": (objects) => {
      catalogContainer(objects).image = "ecommerce/catalog@sha256:abc";
    },
    "pulled at every start": (objects) => {
      catalogContainer(objects).imagePullPolicy = "Always";
    },
    "pulled as Kubernetes likes": (objects) => {
      delete catalogContainer(objects).imagePullPolicy;
    },
  },
};

const secretName =
  /(PASSWORD|SECRET|TOKEN|_KEY|KEYS|CREDENTIAL|DATABASE_URL|REDIS_URL|SMTP_URL|EVENTS_URL|HEADERS)$/;
/** Names that end like a secret and are none. */
const noSecret = /(_FILE|PUBLISHABLE_KEY|IDEMPOTENCY_KEY|GRPC_TLS_KEY|HTTP_TLS_KEY)$/;
const inAddress = /[a-z][a-z0-9+]*:\/\/[^/\s:@"']*:[^@\s/"'$]+@/;
const ofSeeds = /changeme123|redis123/;

const secrets: Rule = {
  name: "no secret stands in any object: neither as a value of an environment, nor in an address, nor in a Secret of the chart",
  faults: (objects) => [
    ...containersOf(objects).flatMap(({ where, container }) =>
      (container.env ?? []).flatMap(({ name, value }) =>
        value !== undefined && value !== "" && secretName.test(name) && !noSecret.test(name)
          ? [`${where} has ${name} as text`]
          : [],
      ),
    ),
    ...objects.flatMap((object) => {
      const name = `${object.kind}/${object.metadata.name}`;
      const text = JSON.stringify(object);
      const faults = [];
      if (inAddress.test(text))
        faults.push(`${name} has an address with a password in it: ${inAddress.exec(text)?.[0]}`);
      if (ofSeeds.test(text)) faults.push(`${name} has a password of the design documents`);
      if (
        object.kind === "Secret" &&
        Object.values({ ...object.data, ...object.stringData }).some((value) => value !== "")
      )
        faults.push(`${name} is rendered with its content`);
      return faults;
    }),
  ],
  samples: {
    "a key as text": (objects) => {
      (catalogContainer(objects).env ??= []).push({ name: "SERVICE_KEY", value: "0123456789abcdef" });
    },
    "a password in an address": (objects) => {
      (catalogContainer(objects).env ??= []).push({
        name: "OTHER",
        value: "postgresql://catalog:hunter2@postgres-service/x",
      });
    },
    "a password of a seed": (objects) => {
      draftOf(objects, "ConfigMap", "service-config").data = { NOTE: "changeme123" };
    },
    "a Secret in the chart": (objects) => {
      objects.push({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "mine" },
        stringData: { password: "abc" },
      });
    },
  },
};

/** Kinds that stand in no namespace. */
const ofCluster = new Set([
  "Namespace",
  "ClusterRole",
  "ClusterRoleBinding",
  "PriorityClass",
  "GatewayClass",
]);
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const roleName = /^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/;

const names: Rule = {
  name: "every object has a name that Kubernetes takes, once, and all stand in one namespace",
  faults(objects) {
    const seen = new Set<string>();
    const namespaces = new Set(
      objects.filter(({ kind }) => !ofCluster.has(kind)).map(({ metadata }) => metadata.namespace ?? "none"),
    );
    const faults = namespaces.size > 1 ? [`There are objects in ${[...namespaces].join(", ")}`] : [];
    for (const { apiVersion, kind, metadata } of objects) {
      const key = `${kind}/${metadata.name} of ${apiVersion}`;
      if (seen.has(key)) faults.push(`${key} is there twice`);
      seen.add(key);
      const pattern = /^(Role|RoleBinding|ClusterRole)/.test(kind) ? roleName : dnsLabel;
      if (!pattern.test(metadata.name)) faults.push(`${key} has no legal name`);
    }
    return faults;
  },
  samples: {
    "the same object twice": (objects) => {
      objects.push(draftOf(objects, "Service", "product-service"));
    },
    "a name with capitals": (objects) => {
      draftOf(objects, "Service", "product-service").metadata.name = "ProductService";
    },
    "a name of 64 letters": (objects) => {
      draftOf(objects, "Service", "product-service").metadata.name = "a".repeat(64);
    },
    "another namespace": (objects) => {
      draftOf(objects, "Service", "product-service").metadata.namespace = "default";
    },
  },
};

export const labelKeys: readonly string[] = [
  "app",
  "component",
  "version",
  "environment",
  "managed-by",
  "tier",
];
const recommended = ["name", "instance", "component", "version", "part-of", "managed-by"].map(
  (key) => `app.kubernetes.io/${key}`,
);
const legalLabel = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

const labels: Rule = {
  name: "everything, pods among it, has the six labels of the design documents and those that Kubernetes recommends",
  faults: (objects) =>
    [
      ...objects.map(({ kind, metadata }) => ({
        owner: `${kind}/${metadata.name}`,
        labels: metadata.labels ?? {},
      })),
      ...podsOf(objects)
        .filter(({ object }) => object.kind !== "Pod")
        .map(({ owner, labels: ofPod }) => ({ owner: `the pods of ${owner}`, labels: ofPod })),
    ].flatMap(({ owner, labels: found }) => [
      ...[...labelKeys, ...recommended]
        .filter((key) => !found[key])
        .map((key) => `${owner} lacks the label ${key}`),
      ...Object.entries(found)
        .filter(([, value]) => !legalLabel.test(value))
        .map(([key, value]) => `${owner} has ${key}=${value}, which is no legal label`),
      ...("environment" in found && !["dev", "staging", "prod"].includes(found["environment"] ?? "")
        ? [`${owner} is of the environment ${found["environment"]}`]
        : []),
      ...("managed-by" in found && found["managed-by"] !== "helm"
        ? [`${owner} is not managed-by: helm`]
        : []),
    ]),
  samples: {
    "a label left out": (objects) => {
      delete draftOf(objects, "Service", "product-service").metadata.labels?.["tier"];
    },
    "a pod without labels of its version": (objects) => {
      delete draftOf(objects, "Deployment", "catalog").spec.template.metadata?.labels?.["version"];
    },
    "a label that is too long": (objects) => {
      Object.assign(draftOf(objects, "Service", "product-service").metadata.labels ?? {}, {
        version: "1".repeat(64),
      });
    },
    "an environment nobody knows": (objects) => {
      Object.assign(draftOf(objects, "Service", "product-service").metadata.labels ?? {}, {
        environment: "test",
      });
    },
  },
};

const resources: Rule = {
  name: "every container asks for CPU and memory and is limited in both, at no less than it asks for",
  faults: (objects) =>
    containersOf(objects).flatMap(
      ({ where, container: { resources: { requests = {}, limits = {} } = {} } }) =>
        (["cpu", "memory"] as const).flatMap((name) => {
          const [request, limit] = [requests[name], limits[name]];
          if (request === undefined) return [`${where} asks for no ${name}`];
          if (limit === undefined) return [`${where} has no limit of ${name}`];
          const size = name === "cpu" ? coresOf : bytesOf;
          if (size(request) <= 0) return [`${where} asks for ${request} of ${name}`];
          return size(request) <= size(limit)
            ? []
            : [`${where} asks for ${request} of ${name} and may have ${limit}`];
        }),
    ),
  samples: {
    "no limits": (objects) => {
      delete catalogContainer(objects).resources?.limits;
    },
    "no requests": (objects) => {
      delete catalogContainer(objects).resources?.requests;
    },
    "no resources": (objects) => {
      delete catalogContainer(objects).resources;
    },
    "more asked for than allowed": (objects) => {
      catalogContainer(objects).resources = {
        requests: { cpu: "100m", memory: "1Gi" },
        limits: { cpu: "200m", memory: "512Mi" },
      };
    },
  },
};

const unique: Rule = {
  name: "variables, ports, volumes and mounts have a name once, and every mount its volume",
  faults: (objects) => [
    ...containersOf(objects).flatMap(({ where, container, pods }) => {
      const { env = [], ports = [], volumeMounts = [] } = container;
      const volumes = new Set((pods.template.spec.volumes ?? []).map(({ name }) => name));
      const { object } = pods;
      if (object.kind === "StatefulSet")
        for (const { metadata } of byKind([object], "StatefulSet")[0]?.spec.volumeClaimTemplates ?? [])
          volumes.add(metadata.name);
      return [
        ...twice(env.map(({ name }) => name)).map((name) => `${where} has the variable ${name} twice`),
        ...twice(ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol ?? "TCP"}`)).map(
          (port) => `${where} has the port ${port} twice`,
        ),
        ...twice(ports.flatMap(({ name }) => (name ? [name] : []))).map(
          (name) => `${where} has two ports ${name}`,
        ),
        ...ports
          .filter(({ name }) => name !== undefined && !/^(?=.*[a-z])[a-z0-9-]{1,15}$/.test(name))
          .map(({ name }) => `${where} has a port with the illegal name ${name}`),
        ...twice(volumeMounts.map(({ mountPath }) => mountPath)).map(
          (path) => `${where} mounts ${path} twice`,
        ),
        ...volumeMounts
          .filter(({ name }) => !volumes.has(name))
          .map(({ name }) => `${where} mounts ${name}, which is no volume`),
      ];
    }),
    ...podsOf(objects).flatMap(({ owner, template: { spec } }) => {
      const { volumes = [], containers, initContainers = [] } = spec;
      const mounted = new Set(
        [...containers, ...initContainers].flatMap(({ volumeMounts = [] }) =>
          volumeMounts.map(({ name }) => name),
        ),
      );
      return [
        ...twice(volumes.map(({ name }) => name)).map((name) => `${owner} has two volumes ${name}`),
        ...volumes
          .filter(({ name }) => !mounted.has(name))
          .map(({ name }) => `${owner} has the volume ${name} for nobody`),
      ];
    }),
    ...byKind(objects, "Service").flatMap(({ metadata, spec }) => [
      ...twice(spec.ports.map(({ port, protocol }) => `${port}/${protocol ?? "TCP"}`)).map(
        (port) => `Service/${metadata.name} has the port ${port} twice`,
      ),
      ...twice(spec.ports.map(({ name = "" }) => name)).map(
        (name) => `Service/${metadata.name} has two ports ${name}`,
      ),
    ]),
  ],
  samples: {
    "a variable twice": (objects) => {
      const { env = [] } = catalogContainer(objects);
      env.push(...env.slice(0, 1));
    },
    "a port twice": (objects) => {
      const { ports = [] } = catalogContainer(objects);
      ports.push(...ports.slice(0, 1));
    },
    "a port with a long name": (objects) => {
      const [port] = catalogContainer(objects).ports ?? [];
      if (port) port.name = "the-port-of-operations";
    },
    "a mount without a volume": (objects) => {
      (catalogContainer(objects).volumeMounts ??= []).push({ name: "nothing", mountPath: "/nothing" });
    },
    "a volume without a mount": (objects) => {
      (catalogPod(objects).volumes ??= []).push({ name: "nothing", emptyDir: { sizeLimit: "1Mi" } });
    },
    "a Service's port twice": (objects) => {
      const { ports } = draftOf(objects, "Service", "product-service").spec;
      ports.push(...ports.slice(0, 1));
    },
  },
};

function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}

const hooks: Rule = {
  name: "nothing is a hook but the tests: what is installed is plain objects, in any order",
  faults: (objects) =>
    objects.flatMap(({ kind, metadata }: AnyObject) => {
      const hook = metadata.annotations?.["helm.sh/hook"];
      return hook === undefined || hook === "test" ? [] : [`${kind}/${metadata.name} is a hook (${hook})`];
    }),
  samples: {
    "a hook before the installation": (objects: Draft) => {
      draftOf(objects, "ConfigMap", "service-config").metadata.annotations = {
        "helm.sh/hook": "pre-install",
      };
    },
  },
};

export const contentRules: readonly Rule[] = [images, secrets, names, labels, resources, unique, hooks];
