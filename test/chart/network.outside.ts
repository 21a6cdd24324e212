/** The policies of every profile against the shop's own list of connections: every edge is open, and nothing else. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { AnyObject, NetworkPolicy } from "./objects.ts";
import { databaseOwners, edge, edgesOf, facts } from "./network-facts.ts";
import { outsider, partiesOf, Policies, stranger, type Party } from "./reachability.ts";
import { byKind, find, profiles, render, withoutHelm, type Rendering } from "./render.ts";

const namespace = "ecommerce";
const options = { skip: withoutHelm };

type Pod = ReturnType<typeof partiesOf>[number];

/** One pod of each component, with its namespace where a profile names one. */
function podsByComponent(objects: readonly AnyObject[]): Map<string, Pod> {
  return new Map(partiesOf(objects, namespace).map((pod) => [pod.component, pod]));
}

/** Every port that any pod declares, and one that nobody does. */
function allPorts(pods: Iterable<Pod>): number[] {
  return [...new Set([...[...pods].flatMap(({ ports }) => ports), 5432, 6379, 5672, 22])];
}

/** What pods of the release can open of each other. */
function openEdges(objects: readonly AnyObject[]): string[] {
  const pods = podsByComponent(objects);
  const policies = new Policies(objects, namespace);
  const ports = allPorts(pods.values());
  const open: string[] = [];
  for (const [from, source] of pods)
    for (const [to, target] of pods)
      for (const port of ports) if (policies.allow(source, target, { port })) open.push(edge(from, to, port));
  return open.sort();
}

function envNames(objects: readonly AnyObject[], component: string): string[] {
  const found = objects.find(
    ({ kind, metadata }) =>
      ["Deployment", "Rollout"].includes(kind) && metadata.labels?.["component"] === component,
  ) as { spec: { template: { spec: { containers: { env?: { name: string }[] }[] } } } } | undefined;
  return found?.spec.template.spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name)) ?? [];
}

/** What should be open, by services.json and by what pods are told of stores. */
function expectedEdges(objects: readonly AnyObject[]): string[] {
  const pods = podsByComponent(objects);
  const told = (setting: string) =>
    [...pods.keys()].filter((name) => envNames(objects, name).includes(setting));
  const calls = pods.has("backend") ? [edge("storefront", "backend", 8080)] : [];
  const stores = [
    ...databaseOwners(facts).map((name) => edge(name, "postgres", 5432)),
    ...[...told("REDIS_URL"), ...told("CART_REDIS_URL")].map((name) => edge(name, "redis", 6379)),
    ...told("EVENTS_URL").map((name) => edge(name, "rabbitmq", 5672)),
  ];
  // Whoever shows how every process does opens the operations port of all, where services are apart.
  const watchers = pods.has("backend") ? [] : facts.services.filter(({ watchesShop }) => watchesShop);
  const watched = watchers.flatMap(({ name: from }) =>
    [...facts.services, ...facts.roles.filter(({ runs = [] }) => runs.length === 0)]
      .filter(({ ports }) => ports.operations !== undefined)
      .map(({ name, ports }) => edge(from, name, ports.operations)),
  );
  const there = (one: string) => one.split(/ → |:/, 2).every((name) => pods.has(name));
  return [...new Set([...edgesOf(facts), ...calls, ...stores, ...watched])].filter(there).sort();
}

const ofProfile = (profile: (typeof profiles)[number]): readonly AnyObject[] => render({ profile });

describe("who reaches whom inside a release (S0-69, S1-57, S2-85, S4-115)", options, () => {
  for (const profile of profiles)
    test(`${profile}: every connection of the shop's list is open, and no other`, () => {
      const objects = ofProfile(profile);
      deepEqual(openEdges(objects), expectedEdges(objects));
      ok(openEdges(objects).length > 0, "something is open");
    });

  test("with Redis, RabbitMQ and the audit, their ports are open to those who are told of them alone (S3-95)", () => {
    const objects = render({
      values: { redis: { enabled: true, carts: true }, rabbitmq: { enabled: true } },
    });
    const open = openEdges(objects);
    deepEqual(open, expectedEdges(objects));
    for (const name of ["user", "order", "payment"])
      ok(!podsByComponent(objects).has("rabbitmq") || open.includes(edge(name, "rabbitmq", 5672)), name);
  });

  for (const profile of profiles)
    test(`${profile}: every pod is meant by a policy, both ways`, () => {
      const objects = ofProfile(profile);
      const policies = new Policies(objects, namespace);
      for (const pod of partiesOf(objects, namespace))
        for (const way of ["Ingress", "Egress"] as const)
          ok(policies.of(pod, way).length > 0, `${pod.owner} ${way}`);
    });
});

describe("who comes in from elsewhere (S2-78, S2-79, S3-94, S1-56)", options, () => {
  /** `gateway:3000` for all that a party can open. */
  function opensOf(rendering: Rendering, party: Party): string[] {
    const objects = render(rendering);
    const policies = new Policies(objects, namespace);
    const pods = podsByComponent(objects);
    const ports = allPorts(pods.values());
    return [...pods]
      .flatMap(([name, pod]) =>
        ports.filter((port) => policies.allow(party, pod, { port })).map((port) => `${name}:${port}`),
      )
      .sort();
  }

  test("nobody, where no ingress is on: no pod of the namespace or of another one, no address", () => {
    for (const party of [
      stranger("default"),
      stranger(namespace),
      stranger("ingress-nginx"),
      outsider("203.0.113.7"),
      outsider("10.0.0.7"),
    ])
      deepEqual(opensOf({}, party), [], party.name);
  });

  for (const [way, values] of [
    ["an Ingress", { ingress: { enabled: true } }],
    ["a Gateway", { gatewayApi: { enabled: true, parentRefs: [{ name: "public" }] } }],
  ] as const)
    test(`with ${way}, its controller opens pages and API, and not those of the staff (S2-82)`, () => {
      const edges = ["gateway:3000", "storefront:8080"];
      deepEqual(opensOf({ values }, stranger("ingress-nginx")), edges);
      deepEqual(opensOf({ values }, stranger("default")), []);
      deepEqual(opensOf({ values }, outsider("203.0.113.7")), []);
    });

  test("a controller elsewhere, and further clients, by value", () => {
    const peer = (name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    });
    const values = {
      networkPolicy: { clients: [peer("load")], ingressControllers: [peer("edge")] },
      ingress: { enabled: true },
    };
    for (const name of ["edge", "load"])
      deepEqual(opensOf({ values }, stranger(name)), ["gateway:3000", "storefront:8080"]);
    deepEqual(opensOf({ values }, stranger("ingress-nginx")), []);
  });

  test("anyone opens an edge behind a LoadBalancer or a NodePort, and that edge alone (C33)", () => {
    for (const type of ["LoadBalancer", "NodePort"])
      deepEqual(
        opensOf({ values: { services: { storefront: { service: { type } } } } }, outsider("203.0.113.7")),
        ["storefront:8080"],
      );
  });

  test("whoever measures reads operations ports, and those alone", () => {
    const opened = opensOf({}, stranger("monitoring"));
    const expected = [...facts.services, ...facts.roles]
      .filter(({ name }) => podsByComponent(render({})).has(name))
      .flatMap(({ name, ports }) => (ports.operations === undefined ? [] : [`${name}:${ports.operations}`]));
    deepEqual(opened, expected.sort());
    deepEqual(opensOf({ values: { networkPolicy: { scrapers: [] } } }, stranger("monitoring")), []);
  });

  test("probes of nodes are let in where a value names them", () => {
    const values = { networkPolicy: { nodes: ["10.0.0.0/24"], scrapers: [] } };
    ok(opensOf({ values }, outsider("10.0.0.9")).includes("catalog:8080"));
    ok(!opensOf({ values }, outsider("10.0.0.9")).includes("catalog:3550"));
    deepEqual(opensOf({ values }, outsider("10.0.1.9")), []);
  });

  test("rules of one's own are added to one component", () => {
    const from = [{ podSelector: { matchLabels: { app: "erp" } } }];
    const ports = [{ port: 3003, protocol: "TCP" }];
    const values = { networkPolicy: { extra: { order: { ingress: [{ from, ports }] } } } };
    deepEqual(opensOf({ values }, stranger(namespace, { app: "erp" })), ["order:3003"]);
  });
});

describe("doors and environments (S1-55, S1-56, S2-84, S3-94, S3-95)", options, () => {
  const doors = ["frontend", "storefront", "gateway"];

  for (const profile of profiles)
    test(`${profile}: nothing but an edge has a Service that is more than ClusterIP`, () => {
      for (const { metadata, spec } of byKind(ofProfile(profile), "Service"))
        if (!doors.includes(metadata.name)) equal(spec.type ?? "ClusterIP", "ClusterIP", metadata.name);
      const databases = byKind(ofProfile(profile), "Service").filter(({ spec }) =>
        ["postgres", "redis"].includes(spec.selector?.["component"] ?? ""),
      );
      for (const { metadata, spec } of databases)
        deepEqual([spec.type ?? "ClusterIP", spec.externalName], ["ClusterIP", undefined], metadata.name);
    });

  test("the third design has an ingress controller as its only door (S2-79)", () => {
    const objects = ofProfile("s2");
    equal(byKind(objects, "Ingress").length > 0, true);
    for (const { spec } of byKind(objects, "Service")) equal(spec.type ?? "ClusterIP", "ClusterIP");
  });

  test("two environments in one cluster cannot meet, whatever their pods are called", () => {
    const [dev, staging] = ["dev", "staging"].map((environment) => {
      const home = `ecommerce-${environment}`;
      return render({ values: { environment, namespace: home }, namespace: home, release: "stoa" });
    });
    ok(dev && staging);
    for (const { kind, metadata } of dev) {
      equal(metadata.labels?.["environment"], "dev", `${kind}/${metadata.name}`);
      if (!/^(Namespace|Cluster|APIService)/.test(kind))
        equal(metadata.namespace, "ecommerce-dev", metadata.name);
    }
    const policies = new Policies([...dev, ...staging], "none");
    const here = podsByComponent(dev);
    const ports = allPorts(here.values());
    for (const foreigner of podsByComponent(staging).values())
      for (const [name, pod] of here)
        for (const port of ports)
          ok(
            !policies.allow(foreigner, pod, { port }),
            `${foreigner.component} of staging opens ${name}:${port}`,
          );
  });
});

describe("who gets out (S1-57, S4-115)", options, () => {
  const internet = "203.0.113.7";
  const metadata = "169.254.169.254";
  const ports = [25, 80, 443, 465, 587, 4318, 5432, 5671, 5672, 6379, 6443];

  /** `email:587` for every port of an address that some component can open. */
  function outOf(values: Record<string, unknown>, address: string): string[] {
    const objects = render({ values });
    const policies = new Policies(objects, namespace);
    return [...podsByComponent(objects)]
      .flatMap(([name, pod]) =>
        ports
          .filter((port) => policies.allow(pod, outsider(address), { port }))
          .map((port) => `${name}:${port}`),
      )
      .filter((one) => !one.startsWith("secrets:"));
  }

  test("nobody, as long as no setting names anybody outside", () => {
    for (const address of [internet, metadata, "10.1.2.3", "2001:db8::1"]) deepEqual(outOf({}, address), []);
  });

  test("the payment firm, the mail server, the bank's rates and the collector, by those alone whose settings name them", () => {
    const secret = { valueFrom: { secretKeyRef: { name: "mine", key: "url" } } };
    const values = {
      shop: { paymentProvider: "stripe" },
      monitoring: { tracing: { endpoint: "https://otlp.example.com:4318" } },
      services: {
        email: { env: { EMAIL_SMTP_URL: secret } },
        currency: { env: { CURRENCY_PROVIDER: "ecb" } },
        order: { env: { EVENTS_URL: "https://events.example.com" } },
      },
    };
    const reached = outOf(values, internet);
    deepEqual(
      reached.filter((one) => !one.endsWith(":4318")),
      ["currency:443", "payment:443", "email:587", "email:465", "order:443"].sort(
        (a, b) => reached.indexOf(a) - reached.indexOf(b),
      ),
    );
    for (const { name } of facts.services) ok(reached.includes(`${name}:4318`), `traces of ${name}`);
    for (const address of [metadata, "10.1.2.3", "192.168.1.1", "172.20.0.1", "100.64.0.1"])
      deepEqual(outOf(values, address), [], address);
  });

  test("an address that is a number is let through alone, and a value narrows every other one", () => {
    const env = { CURRENCY_PROVIDER: "ecb", CURRENCY_ECB_URL: "http://198.51.100.4:8088/rates" };
    const objects = render({ values: { services: { currency: { env } } } });
    const policies = new Policies(objects, namespace);
    const currency = podsByComponent(objects).get("currency") as Pod;
    ok(policies.allow(currency, outsider("198.51.100.4"), { port: 8088 }));
    ok(!policies.allow(currency, outsider("198.51.100.5"), { port: 8088 }));
    const to = { payment: { cidrs: ["198.51.100.0/24"], ports: [8443] } };
    const narrow = { shop: { paymentProvider: "stripe" }, egress: { to } };
    deepEqual(outOf(narrow, internet), []);
    deepEqual(outOf(narrow, "198.51.100.9"), []);
    const payment = podsByComponent(render({ values: narrow })).get("payment") as Pod;
    ok(
      new Policies(render({ values: narrow }), namespace).allow(payment, outsider("198.51.100.9"), {
        port: 8443,
      }),
    );
  });

  test("a collector inside the cluster is reached in its namespace and nowhere else", () => {
    const endpoint = "http://collector.telemetry.svc:4318";
    const values = { monitoring: { tracing: { endpoint } } };
    const objects = render({ values });
    const cart = podsByComponent(objects).get("cart") as Pod;
    ok(new Policies(objects, namespace).allow(cart, stranger("telemetry"), { port: 4318 }));
    ok(!new Policies(objects, namespace).allow(cart, stranger("other"), { port: 4318 }));
    deepEqual(outOf(values, internet), []);
  });

  test("databases outside are reached on private addresses by their owners", () => {
    const values = { postgres: { enabled: false }, externalDatabases: { host: "db.example.com" } };
    const owners = databaseOwners(facts).filter((name) => podsByComponent(render({ values })).has(name));
    deepEqual(outOf(values, "10.1.2.3").sort(), owners.map((name) => `${name}:5432`).sort());
    deepEqual(outOf(values, internet), []);
  });

  test("names are resolved inside the cluster, and no name server of the Internet is asked", () => {
    const objects = render({});
    const policies = new Policies(objects, namespace);
    for (const { name } of facts.services) {
      const pod = podsByComponent(objects).get(name) as Pod;
      ok(
        policies.allow(pod, stranger("kube-system", { "k8s-app": "kube-dns" }), {
          port: 53,
          protocol: "UDP",
        }),
      );
      ok(policies.allow(pod, outsider("10.96.0.10"), { port: 53 }));
      ok(!policies.allow(pod, outsider("8.8.8.8"), { port: 53, protocol: "UDP" }));
    }
  });

  test("the API server is reached by the Job that makes secrets, and by nobody else", () => {
    const objects = render({});
    const policies = new Policies(objects, namespace);
    for (const role of facts.roles.filter(({ runs = [] }) => runs.length === 0)) {
      const labels = { "app.kubernetes.io/instance": "stoa", component: role.name };
      const pod = stranger(namespace, labels);
      equal(policies.allow(pod, outsider("10.96.0.1"), { port: 443 }), role.asksKubernetes, role.name);
      ok(!policies.allow(pod, outsider(metadata), { port: 443 }), "credentials of the cloud");
    }
  });
});

describe("three tiers (S1-11, S1-12, S1-53, S1-54, S1-57)", options, () => {
  const values = { topology: "tiers", services: { storefront: { service: { type: "LoadBalancer" } } } };

  test("frontend opens 8080 of backend, backend opens 5432 of the database, and nothing else is open inside", () => {
    const objects = render({ values });
    const open = openEdges(objects);
    deepEqual(open, expectedEdges(objects));
    ok(open.includes(edge("storefront", "backend", 8080)));
    for (const one of open)
      ok(/^storefront → backend:8080$|^test → storefront:8080$| → postgres:5432$/.test(one), one);
  });

  test("the two rules speak of tiers, and let nobody else in", () => {
    const objects = render({ values });
    const tierOf = ({ spec }: NetworkPolicy) => spec.podSelector.matchLabels?.["tier"];
    for (const [name, from, to, port] of [
      ["frontend-to-backend", "frontend", "backend", 8080],
      ["backend-to-database", "backend", "database", 5432],
    ] as const) {
      const policy = find(objects, "NetworkPolicy", name);
      equal(tierOf(policy), to);
      deepEqual(policy.spec.policyTypes, ["Ingress"]);
      deepEqual(policy.spec.ingress?.length, 1);
      const [rule] = policy.spec.ingress ?? [];
      deepEqual(
        rule?.from?.map(({ podSelector }) => podSelector?.matchLabels?.["tier"]),
        [from],
      );
      deepEqual(rule?.ports, [{ port, protocol: "TCP" }]);
    }
  });

  test("only the frontend is open to the world", () => {
    const objects = render({ values: { ...values, networkPolicy: { scrapers: [] } } });
    const policies = new Policies(objects, namespace);
    for (const [name, pod] of podsByComponent(objects))
      for (const port of allPorts(podsByComponent(objects).values()))
        equal(
          policies.allow(outsider("203.0.113.7"), pod, { port }),
          name === "storefront" && port === 8080,
          `${name}:${port}`,
        );
  });
});

describe("a fault in a policy is seen", options, () => {
  interface Changed {
    spec: { ingress?: unknown[]; egress?: unknown[]; podSelector: { matchLabels: Record<string, string> } };
  }

  /** What is open though it should not be, or the other way round, once a policy is changed. */
  function wrongWith(name: string, plant: (policy: Changed) => void, isEveryoneOut = false): string[] {
    const objects = structuredClone(render({})) as AnyObject[];
    plant(find(objects, "NetworkPolicy", name) as unknown as Changed);
    if (isEveryoneOut)
      for (const { spec } of byKind(objects, "NetworkPolicy") as unknown as Changed[]) spec.egress = [{}];
    const open = openEdges(objects);
    const expected = expectedEdges(objects);
    return [
      ...open.filter((one) => !expected.includes(one)),
      ...expected.filter((one) => !open.includes(one)),
    ];
  }

  test("both ways count: with every way out open, ways in still hold", () => {
    deepEqual(
      wrongWith("cart", () => undefined),
      [],
    );
    deepEqual(
      wrongWith("cart", () => undefined, true),
      [],
    );
  });

  for (const [fault, name, plant, wrong] of [
    ["a caller that is not let in", "ad", ({ spec }) => (spec.ingress = []), ["gateway → ad:9555"]],
    [
      "a callee that is not reached",
      "cart",
      ({ spec }) => (spec.egress = []),
      ["cart → catalog:3550", "cart → user:3002"],
    ],
    [
      "a selector that means nobody",
      "recommendation",
      ({ spec }) => (spec.podSelector.matchLabels["component"] = "recommendations"),
      ["gateway → recommendation:8081", "order → recommendation:8081"],
    ],
  ] as const satisfies [string, string, (policy: Changed) => void, string[]][])
    test(fault, () => {
      const found = wrongWith(name, plant);
      for (const one of wrong) ok(found.includes(one), `${one} in ${found.join(", ")}`);
    });

  for (const [fault, rule, wrong] of [
    ["a rule without peers", { ports: [{ port: 50_052 }] }, "cart → payment:50052"],
    ["a rule without ports", { from: [{ podSelector: {} }] }, "gateway → payment:8080"],
    ["a rule for every namespace", { from: [{ namespaceSelector: {} }] }, "ad → payment:50052"],
    [
      "a range of ports",
      { from: [{ podSelector: {} }], ports: [{ port: 1, endPort: 65_535 }] },
      "ad → payment:22",
    ],
  ] as const)
    test(fault, () => {
      const found = wrongWith("payment", ({ spec }) => spec.ingress?.push(rule), true);
      ok(found.includes(wrong), found.join(", "));
    });
});
