// What runs, under which names, with which environment: the chart's workloads against the program that they start.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadServices } from "#platform/kit/shop-file.ts";
import { registry } from "#platform/telemetry/metrics.ts";
import { checkSettings } from "../../commands/check-settings.ts";
import { backendEnvironment } from "../../commands/backend-program.ts";
import { shop } from "../../shop.ts";
import { environmentOf } from "./environments.ts";
import type { AnyObject, Container, Deployment, Service } from "./objects.ts";
import {
  byKind,
  find,
  podsOf,
  profiles,
  render,
  selects,
  withoutHelm,
  type Profile,
  type Rendering,
} from "./render.ts";

interface Facts {
  readonly name: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly connections: readonly { readonly to: string; readonly protocol: string }[];
}

const root = join(import.meta.dirname, "../..");
const facts = JSON.parse(readFileSync(join(root, "deploy/services.json"), "utf8")) as {
  readonly services: readonly Facts[];
};
const skip = withoutHelm;

const containerOf = (deployment: Deployment): Container =>
  deployment.spec.template.spec.containers[0] ?? assert.fail(`${deployment.metadata.name} has no container.`);
const componentOf = ({ metadata }: Deployment | Service): string => metadata.labels?.["component"] ?? "";
/** Deployments of services; roles such as the audit have tests of their own. */
const servicesIn = (objects: readonly AnyObject[]): Deployment[] =>
  byKind(objects, "Deployment").filter((one) =>
    [...facts.services, { name: "backend" }].some(({ name }) => name === componentOf(one)),
  );
const deploymentOf = (component: string, rendering = {}): Deployment =>
  byKind(render(rendering), "Deployment").find((one) => componentOf(one) === component) ??
  assert.fail(`There is no Deployment of ${component}.`);
const portsOf = ({ spec }: Service) =>
  Object.fromEntries(spec.ports.map(({ name, port, targetPort }) => [`${name}:${port}`, targetPort]));

describe("environments", { skip }, () => {
  for (const profile of [undefined, ...profiles]) {
    test(`every program of ${profile ?? "the values alone"} finds its settings complete and usable (C53)`, async () => {
      const objects = render(profile === undefined ? {} : { profile });
      for (const deployment of servicesIn(objects)) {
        const container = containerOf(deployment);
        const faults = await faultsOf(container.args?.[1] ?? "", environmentOf(container, objects));
        assert.deepEqual(faults, [], deployment.metadata.name);
      }
    });
  }

  test("the command itself says so, of an environment as the kubelet makes it", () => {
    const environment = environmentOf(containerOf(deploymentOf("order")), render());
    const run = (env: Readonly<Record<string, string>>) =>
      spawnSync(process.execPath, ["bin/stoa.mjs", "config", "--check", "order"], {
        cwd: root,
        env: { PATH: process.env["PATH"], ...env },
        encoding: "utf8",
      });
    const told = run(environment);
    assert.equal(told.status, 0, told.stderr);
    const { CATALOG_URL: _, ...lacking } = environment;
    assert.match(run(lacking).stderr, /CATALOG_URL is not set/);
  });

  test("each service is told where those are that it calls, at a Service whose pods listen there, and of nobody else", () => {
    const objects = render();
    for (const { name, connections } of facts.services) {
      const environment = environmentOf(containerOf(deploymentOf(name)), objects);
      const told = Object.keys(environment).filter((key) => /^[A-Z]+_URL$/.test(key) && key !== "SHOP_URL");
      assert.deepEqual(told.sort(), connections.map(({ to }) => `${to.toUpperCase()}_URL`).sort(), name);
      for (const { to } of connections)
        assertLeadsTo(
          environment[`${to.toUpperCase()}_URL`] ?? "",
          facts.services.find((one) => one.name === to),
        );
    }
  });

  test("a pod gets the keys of no other service's database", () => {
    for (const deployment of servicesIn(render())) {
      const keys = (containerOf(deployment).env ?? []).flatMap(
        ({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? [],
      );
      const databases = keys.filter((key) => key.endsWith("database-url"));
      const own = facts.services.find(({ name }) => name === componentOf(deployment));
      const expected = own && "database" in own && own.database ? [`${own.name}-database-url`] : [];
      assert.deepEqual(databases, expected, deployment.metadata.name);
    }
  });

  test("settings for all, and those of one service over them, take the place of what the chart knows", () => {
    const values = {
      settings: { LOG_LEVEL: "debug", DRAIN_SECONDS: 8 },
      services: {
        cart: { env: { LOG_LEVEL: "warn", CART_EXPIRY_SECONDS: 1209600 } },
        email: { env: { EMAIL_SMTP_URL: { valueFrom: { secretKeyRef: { name: "mail", key: "url" } } } } },
      },
    };
    const objects = render({ values });
    const cart = environmentOf(containerOf(deploymentOf("cart", { values })), objects);
    assert.deepEqual(
      [cart["LOG_LEVEL"], cart["DRAIN_SECONDS"], cart["CART_EXPIRY_SECONDS"]],
      ["warn", "8", "1209600"],
    );
    const { env = [] } = containerOf(deploymentOf("email", { values }));
    assert.deepEqual(
      env.find(({ name }) => name === "EMAIL_SMTP_URL")?.valueFrom?.secretKeyRef?.name,
      "mail",
    );
  });

  test("machine callers are known to the gateway, the provider's key to payment, and keys that sign tokens to accounts, by value", () => {
    const values = { secrets: { keys: { existing: "own-keys", signing: true } } };
    const knows = (component: string) =>
      Object.keys(environmentOf(containerOf(deploymentOf(component, { values })), render({ values }))).filter(
        (name) => /_API_KEY$|SIGNING/.test(name),
      );
    assert.deepEqual(knows("gateway"), ["PRODUCT_API_KEY", "ORDER_API_KEY"]);
    assert.deepEqual(knows("payment"), ["PAYMENT_API_KEY"]);
    assert.deepEqual(knows("user"), ["USER_SIGNING_KEYS_FILE"]);
    assert.deepEqual(knows("cart"), []);
    const { volumes = [] } = deploymentOf("user", { values }).spec.template.spec;
    assert.equal(volumes.find(({ name }) => name === "signing-keys")?.secret?.secretName, "own-keys");
    assert.equal(
      deploymentOf("user").spec.template.spec.volumes?.some(({ name }) => name === "signing-keys"),
      false,
    );
  });

  test("REPLICAS counts the pods of a rollout, and the most that an autoscaler makes", () => {
    const replicas = (component: string, values: Record<string, unknown>) =>
      environmentOf(containerOf(deploymentOf(component, { values })), render({ values }))["REPLICAS"];
    assert.equal(replicas("order", {}), "3");
    const scaled = { services: { order: { autoscaling: { enabled: true, maxReplicas: 5 } } } };
    assert.equal(replicas("order", scaled), "6");
    const percent = { services: { order: { replicas: 5, rollout: { maxSurge: "25%" } } } };
    assert.equal(replicas("order", percent), "7");
    const colours = { services: { order: { rollout: { strategy: "blueGreen" } } } };
    assert.equal(replicas("order", colours), "4");
  });
});

/** The same check as `config --check`, in this process: a hundred of them in seconds. */
async function faultsOf(role: string, environment: Record<string, string>): Promise<string[]> {
  if (role === "backend")
    return (await checkSettings(shop, backendEnvironment(environment), { isBackend: true })).faults;
  const [service] = await loadServices(shop, (name) => name === role);
  return (await checkSettings(shop, environment, service ? { service } : {})).faults;
}

function assertLeadsTo(url: string, neighbour: Facts | undefined): void {
  const [, scheme, host = "", port] = /^(dns:\/\/\/|http:\/\/)([^:/]+):(\d+)$/.exec(url) ?? [];
  assert.ok(neighbour && scheme, url);
  const service = find(render(), "Service", host);
  const target = service.spec.ports.find((one) => one.port === Number(port));
  assert.equal(
    neighbour.ports[String(target?.targetPort)],
    neighbour.ports["grpc"] ?? neighbour.ports["http"],
    url,
  );
  const selected = byKind(render(), "Deployment").filter(({ spec }) =>
    selects({ matchLabels: service.spec.selector ?? {} }, spec.template.metadata?.labels ?? {}),
  );
  assert.ok(selected.length > 0, url);
  for (const one of selected) assert.equal(componentOf(one), neighbour.name, url);
  // A name of gRPC stands for every pod, so that calls are spread over all of them.
  if (scheme === "dns:///") assert.equal(service.spec.clusterIP, "None", url);
}

describe("Services", { skip }, () => {
  test("the main Services have the ports of all designs, by name (S0-53, S0-54, S2-03 ff., S3-11 ff., S4-09 ff., C05, C43)", () => {
    const expected: Record<string, Record<string, string>> = {
      "product-service": {
        "grpc:3550": "grpc",
        "http:8080": "operations",
        "s3:3001": "operations",
        "s4:4002": "operations",
      },
      "user-service": { "grpc:3002": "grpc", "http:8080": "operations", "s4:4001": "operations" },
      "order-service": { "grpc:3003": "grpc", "http:8080": "operations", "s4:4003": "operations" },
      "cart-service": { "grpc:7070": "grpc", "http:8080": "operations", "s3:3004": "operations" },
      "payment-service": { "grpc:50052": "grpc", "http:8080": "operations" },
      gateway: { "http:3000": "http", "web:80": "http", "operations:8080": "operations" },
      storefront: { "http:80": "http", "operations:8081": "operations" },
      admin: { "http:8082": "http", "operations:8083": "operations" },
    };
    for (const [name, ports] of Object.entries(expected))
      assert.deepEqual(portsOf(find(render(), "Service", name)), ports, name);
  });

  test("the names of other designs lead to the same pods (C52)", () => {
    const aliases: readonly (readonly [string, number, string, number])[] = [
      ["productcatalogservice", 3550, "catalog", 3550],
      ["cartservice", 7070, "cart", 7070],
      ["recommendationservice", 8080, "recommendation", 8081],
      ["currencyservice", 7000, "currency", 7000],
      ["checkoutservice", 5050, "checkout", 5050],
      ["adservice", 9555, "ad", 9555],
      ["shippingservice", 50051, "shipping", 50051],
      ["paymentservice", 50051, "payment", 50052],
      ["emailservice", 5000, "email", 5000],
      ["frontend", 80, "storefront", 8080],
      ["api-gateway", 80, "gateway", 3000],
      ["backend-service", 8080, "gateway", 3000],
    ];
    for (const [name, port, component, listening] of aliases) {
      const { spec } = find(render(), "Service", name);
      assert.deepEqual([spec.ports.length, spec.ports[0]?.port], [1, port], name);
      assert.equal(spec.selector?.["component"], component, name);
      const target = containerOf(deploymentOf(component)).ports?.find(
        (one) => one.name === spec.ports[0]?.targetPort,
      );
      assert.equal(target?.containerPort, listening, name);
    }
  });

  test("no two Services have one name, in any profile", () => {
    for (const profile of profiles) {
      const names = byKind(render({ profile }), "Service").map(({ metadata }) => metadata.name);
      assert.deepEqual(names, [...new Set(names)], profile);
    }
  });

  test("with frontends of the third design, 3001 to 3004 all answer HTTP, each under the name it has there (S3-77 to S3-80)", () => {
    for (const [name, port] of Object.entries({
      "product-service": 3001,
      "user-service": 3002,
      "order-service": 3003,
      "cart-service": 3004,
    })) {
      const { spec } = find(render({ profile: "s3" }), "Service", name);
      assert.equal(spec.ports.find((one) => one.port === port)?.targetPort, "operations", name);
    }
  });
});

describe("pods", { skip }, () => {
  test("ask at ports that the program has, begin slowly and end within their grace (S0-26 to S0-28, S3-103, S3-104)", () => {
    for (const deployment of servicesIn(render())) {
      const { startupProbe, readinessProbe, livenessProbe, env = [] } = containerOf(deployment);
      const name = deployment.metadata.name;
      const delay = componentOf(deployment) === "gateway" ? 10 : 5;
      assert.deepEqual(
        [startupProbe?.httpGet, startupProbe?.initialDelaySeconds, startupProbe?.failureThreshold],
        [{ path: "/health", port: "operations" }, delay, 30],
        name,
      );
      assert.deepEqual(
        [readinessProbe?.httpGet?.path, readinessProbe?.periodSeconds, readinessProbe?.failureThreshold],
        ["/ready", 5, 3],
        name,
      );
      assert.deepEqual(
        [livenessProbe?.httpGet?.path, livenessProbe?.periodSeconds, livenessProbe?.failureThreshold],
        ["/health", 10, 3],
        name,
      );
      const drain = env.filter((one) => one.name.startsWith("DRAIN_")).map(({ value }) => Number(value));
      assert.equal(drain.length, 2, name);
      const grace = deployment.spec.template.spec.terminationGracePeriodSeconds ?? 0;
      assert.ok(
        drain.reduce((sum, one) => sum + one, 5) < grace,
        `${name}: ${drain.join(" + ")} + 5 s, but ${grace} s`,
      );
    }
  });

  test("their ports are those of the program", () => {
    for (const { name, ports } of facts.services) {
      const named = containerOf(deploymentOf(name)).ports?.map((one) => [one.name, one.containerPort]) ?? [];
      assert.deepEqual(Object.fromEntries(named), ports, name);
    }
  });

  test("are made anew when what they read at their start changes, and not for a flag", () => {
    const annotations = (values: Record<string, unknown>) =>
      deploymentOf("cart", { values }).spec.template.metadata?.annotations;
    assert.deepEqual(annotations({ flags: { MAINTENANCE_MODE: true } }), annotations({}));
    assert.notDeepEqual(annotations({ shop: { name: "Other" } }), annotations({}));
  });

  test("that others can do without go to nodes that may be taken away, by value (S1-118)", () => {
    const values = {
      spot: {
        enabled: true,
        nodeSelector: { "node.kubernetes.io/capacity": "spot" },
        tolerations: [{ key: "spot", operator: "Exists", effect: "NoSchedule" }],
      },
    };
    const isOnSpot = (component: string) => {
      const { nodeSelector, tolerations } = deploymentOf(component, { values }).spec.template.spec;
      return nodeSelector !== undefined && tolerations !== undefined;
    };
    assert.deepEqual(["ad", "recommendation", "email"].map(isOnSpot), [true, true, true]);
    assert.deepEqual(["order", "checkout", "gateway"].map(isOnSpot), [false, false, false]);
  });
});

describe("images", { skip }, () => {
  const imageOf = (values: Record<string, unknown>, component = "catalog") =>
    containerOf(deploymentOf(component, { values })).image;

  test("have the version of the package, and each program its own (C30)", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    for (const deployment of servicesIn(render()))
      assert.equal(containerOf(deployment).image, `ecommerce/${componentOf(deployment)}:${version}`);
  });

  test("are named by registry, tag or digest; latest is refused", () => {
    assert.equal(
      imageOf({ image: { registry: "r.example.com", tag: "1.2.3" } }),
      "r.example.com/ecommerce/catalog:1.2.3",
    );
    const digest = `sha256:${"0".repeat(64)}`;
    assert.equal(imageOf({ services: { catalog: { image: { digest } } } }), `ecommerce/catalog@${digest}`);
    assert.equal(imageOf({ services: { catalog: { image: { tag: "9" } } } }), "ecommerce/catalog:9");
    assert.throws(() => render({ values: { image: { tag: "latest" } } }), /latest|not/);
    assert.throws(
      () => render({ values: { services: { cart: { image: { tag: "latest" } } } } }),
      /latest|not/,
    );
  });
});

describe("autoscaling", { skip }, () => {
  test("storefront and gateway scale at once and then slowly, each the slot that serves (S0-19 to S0-21, S0-29 to S0-31, S1-61 to S1-65, C12)", () => {
    const [gateway, storefront] = ["gateway", "storefront"].map(
      (name) => find(render(), "HorizontalPodAutoscaler", name).spec,
    );
    assert.ok(gateway && storefront);
    assert.deepEqual(
      [
        storefront.minReplicas,
        storefront.maxReplicas,
        storefront.metrics?.[0]?.resource?.target.averageUtilization,
      ],
      [3, 10, 70],
    );
    assert.deepEqual(
      [
        gateway.minReplicas,
        gateway.maxReplicas,
        gateway.metrics?.[0]?.pods?.metric.name,
        gateway.metrics?.[0]?.pods?.target.averageValue,
      ],
      [2, 8, "http_requests_per_second", "100"],
    );
    assert.deepEqual(
      [gateway.scaleTargetRef.name, storefront.scaleTargetRef.name],
      ["gateway-blue", "storefront-v1"],
    );
    for (const { behavior } of [gateway, storefront]) {
      assert.deepEqual(behavior?.scaleUp, {
        stabilizationWindowSeconds: 0,
        policies: [{ type: "Pods", value: 1, periodSeconds: 180 }],
      });
      assert.deepEqual(behavior?.scaleDown?.policies, [{ type: "Pods", value: 1, periodSeconds: 300 }]);
    }
  });

  test("KEDA takes the place of the autoscaler by value, and asks Prometheus for a metric that the program has", async () => {
    const values = {
      services: { gateway: { autoscaling: { keda: true } } },
      monitoring: {
        prometheus: { url: "http://prometheus:9090" },
        adapterRule: { enabled: true },
        serviceMonitor: { enabled: true },
      },
    };
    const objects = render({ values });
    assert.deepEqual(
      byKind(objects, "HorizontalPodAutoscaler").map(({ metadata }) => metadata.name),
      ["storefront"],
    );
    const scaled = JSON.stringify(objects.find(({ kind }) => kind === "ScaledObject")?.spec);
    const rule = find(objects, "ConfigMap", "stoa-adapter-rule").data?.["config.yaml"] ?? "";
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => `${name}_count`);
    for (const text of [scaled, rule]) {
      const [metric = ""] = /http_server_\w+_count/.exec(text) ?? [];
      assert.ok(names.includes(metric), text);
    }
    assert.ok(objects.some(({ kind }) => kind === "ServiceMonitor"));
    assert.throws(() => render({ values: { ...values, monitoring: {} } }), /monitoring\.prometheus\.url/);
  });
});

describe("helm test", { skip }, () => {
  const podOf = (rendering: Rendering) =>
    podsOf(render(rendering)).find(
      ({ owner, labels }) => owner.startsWith("Pod/") && labels["component"] === "test",
    ) ?? assert.fail("There is no pod for helm test.");
  const shopOf = (rendering: Rendering) =>
    Object.fromEntries(
      (podOf(rendering).template.spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]),
    );

  test("comes in where people and programs do, and buys only where no card is charged", () => {
    assert.deepEqual(shopOf({}), { SHOP: "http://gateway:3000", PAYS_WITH_SIMULATOR: "true" });
    assert.equal(shopOf({ profile: "s1" })["SHOP"], "http://frontend:80");
    assert.equal(shopOf({ values: { shop: { paymentProvider: "stripe" } } })["PAYS_WITH_SIMULATOR"], "false");
  });

  test("runs a script that is there, in the image of the tools, and only when it is asked for", () => {
    const { template, object } = podOf({});
    assert.equal(object.metadata.annotations?.["helm.sh/hook"], "test");
    assert.match(template.spec.containers[0]?.image ?? "", /^ecommerce\/tools:/);
    const script = find(render(), "ConfigMap", "stoa-test").data?.["buy.mjs"] ?? "";
    assert.equal(script.trim(), readFileSync(join(root, "deploy/helm/stoa/files/buy.mjs"), "utf8").trim());
  });
});

describe("values", { skip }, () => {
  test("that nobody knows are refused, at the top and within", () => {
    for (const values of [
      { nonsense: 1 },
      { image: { tagg: "1" } },
      { services: { carts: {} } },
      { defaults: { replica: 3 } },
    ])
      assert.throws(() => render({ values }), /additional properties/i, JSON.stringify(values));
    assert.throws(() => render({ values: { shop: { currency: "dollars" } } }), /pattern/);
  });

  test("turn a service off with all that is its own", () => {
    const objects = render({ values: { services: { ad: { enabled: false } } } });
    const left = objects.filter(({ metadata }) => metadata.labels?.["component"] === "ad");
    assert.deepEqual(
      left.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      [],
    );
  });

  test("name a namespace of its own, which is made where it is not the release's (C08)", () => {
    const made = (profile: Profile, namespace: string) =>
      render({ profile, namespace })
        .filter(({ kind }) => kind === "Namespace")
        .map(({ metadata }) => metadata.name);
    assert.deepEqual(made("s2", "elsewhere"), ["microservices"]);
    assert.deepEqual(made("s2", "microservices"), []);
    for (const [profile, namespace] of Object.entries({
      s0: "ecommerce",
      s1: "ecommerce",
      s2: "microservices",
      s4: "prod",
    }))
      for (const { kind, metadata } of render({ profile: profile as Profile, namespace: "elsewhere" }))
        if (!["Namespace", "ClusterRole", "ClusterRoleBinding"].includes(kind))
          assert.equal(metadata.namespace, namespace, `${profile}: ${kind}/${metadata.name}`);
  });

  test("the chart has the facts of the program", () => {
    const copy = join(root, "deploy/helm/stoa/files/services.json");
    assert.ok(existsSync(copy));
    assert.equal(readFileSync(copy, "utf8"), readFileSync(join(root, "deploy/services.json"), "utf8"));
  });
});
