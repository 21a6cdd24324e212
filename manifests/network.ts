/** Who may open which port of whom: default deny, and exactly the connections that the program states. */
import { environmentOf } from "./environment.ts";
import type { Facts, KubernetesObject, Service, ShopRelease } from "./shop-release.ts";
import type { Fields, Store } from "./values.ts";
import { serviceConfig } from "./workloads.ts";

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

export function networkPolicies(release: ShopRelease): KubernetesObject[] {
  if (!release.values.networkPolicy.enabled) return [];
  const edges = edgesOf(release);
  const roles = release.facts.roles.filter(({ runs }) => (runs ?? []).length === 0);
  const stores: readonly Store[] = ["postgres", "redis", "rabbitmq"];
  return [
    defaultDeny(release),
    ...(release.isTiers
      ? [tierPolicy(release, "frontend", "backend", 8080), tierPolicy(release, "backend", "database", 5432)]
      : []),
    ...release.services.map((service) =>
      policy(release, { component: service.name, name: service.workload }, [
        serviceIngress(release, service, edges),
        serviceEgress(release, service, edges),
      ]),
    ),
    ...roles.map((role) =>
      policy(release, { component: role.name, name: role.name }, [
        [
          ...watchIngress(release, role.ports["operations"]),
          ...operationsIngress(release, role.ports["operations"]),
        ],
        roleEgress(release, role, edges),
      ]),
    ),
    ...stores
      .filter((store) => release.values[store].enabled)
      .map((store) => policy(release, { component: store, name: store }, [storeIngress(release, store), []])),
  ];
}

function defaultDeny(release: ShopRelease): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: release.metadata("default-deny", "network"),
    spec: {
      podSelector: { matchLabels: { "app.kubernetes.io/instance": release.name } },
      policyTypes: ["Ingress", "Egress"],
    },
  };
}

/** Pods of one tier may open one port of another, and nobody else may open anything there. */
function tierPolicy(release: ShopRelease, from: string, to: string, port: number): KubernetesObject {
  const tier = (name: string) => ({
    podSelector: { matchLabels: { "app.kubernetes.io/instance": release.name, tier: name } },
  });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: release.metadata(`${from}-to-${to}`, "network"),
    spec: { ...tier(to), policyTypes: ["Ingress"], ingress: [{ from: [tier(from)], ports: tcp([port]) }] },
  };
}

/** One policy of one component, both ways: what its rules do not name is denied. */
function policy(
  release: ShopRelease,
  { component, name }: { readonly component: string; readonly name: string },
  [ingress, egress]: readonly [readonly unknown[], readonly unknown[]],
): KubernetesObject {
  const extra = release.values.networkPolicy.extra[component] ?? {};
  const all = {
    ingress: [...ingress, ...(extra.ingress ?? [])],
    egress: [...egress, ...(extra.egress ?? [])],
  };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: release.metadata(name, component),
    spec: {
      podSelector: { matchLabels: release.selector(component) },
      policyTypes: ["Ingress", "Egress"],
      ...(all.ingress.length > 0 && { ingress: all.ingress }),
      ...(all.egress.length > 0 && { egress: all.egress }),
    },
  };
}

/** Every connection inside the shop. In topology "tiers" whoever is no workload of its own is in the backend. */
function edgesOf(release: ShopRelease): Edge[] {
  const { running } = release;
  const roles = new Set(release.facts.roles.map(({ name }) => name));
  const all = [...release.facts.services, ...release.facts.roles].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  const edges = all
    .filter(({ name }) => running.includes(name) || roles.has(name))
    .flatMap(({ name: from, connections }) =>
      connections.flatMap(({ to: said, protocol }): Edge[] => {
        const isInBackend = !running.includes(said) && running.includes(from) && running.includes("backend");
        const to = isInBackend ? "backend" : said;
        if (!running.includes(to) || to === from) return [];
        const { http, grpc } = release.factsOf(to).ports;
        const port = to === "backend" || protocol === "http" ? http : grpc;
        return port === undefined ? [] : [{ from, to, port }];
      }),
    );
  return unique(edges);
}

/** Those who call it, people where they arrive, and who measures it. */
function serviceIngress(release: ShopRelease, service: Service, edges: readonly Edge[]): unknown[] {
  const { networkPolicy, ingress } = release.values;
  const isRuledByTiers = release.isTiers && service.name !== "storefront";
  const arriving = isRuledByTiers ? [] : edges.filter(({ to }) => to === service.name);
  const ports = [...new Set(arriving.map(({ port }) => String(port)))].sort();
  const callers = ports.map((port) => ({
    from: arriving.filter((edge) => String(edge.port) === port).map(({ from }) => podsOf(release, from)),
    ports: tcp([Number(port)]),
  }));
  return [
    ...callers,
    ...(["storefront", "gateway"].includes(service.name)
      ? people(service, [
          ...(ingress.enabled ? networkPolicy.ingressControllers : []),
          ...networkPolicy.clients,
        ])
      : []),
    ...watchIngress(release, service.facts.ports["operations"]),
    ...operationsIngress(release, service.facts.ports["operations"]),
  ];
}

/** A load balancer lets people in from anywhere; else only whom the values name. */
function people(service: Service, clients: readonly unknown[]): unknown[] {
  const ports = tcp([service.facts.ports["http"] ?? 0]);
  if (service.service.type !== "ClusterIP") return [{ ports }];
  return clients.length > 0 ? [{ from: clients, ports }] : [];
}

/** Whoever shows people how every process does opens its operations port. */
function watchIngress(release: ShopRelease, port: number | undefined): unknown[] {
  const { watchers } = release;
  if (!port || watchers.length === 0) return [];
  return [{ from: watchers.map((name) => podsOf(release, name)), ports: tcp([port]) }];
}

function watchEgress(release: ShopRelease, name: string): unknown[] {
  if (!release.watchers.includes(name)) return [];
  const ports = [...new Set(release.places.map(({ port }) => String(port)))].sort();
  return ports.map((port) => ({
    to: release.places.filter((place) => String(place.port) === port).map((one) => podsOf(release, one.name)),
    ports: tcp([Number(port)]),
  }));
}

/** Metrics for scrapers, and probes where an engine of policies holds even the kubelet to them. */
function operationsIngress(release: ShopRelease, port: number | undefined): unknown[] {
  const { scrapers, nodes } = release.values.networkPolicy;
  if (!port || scrapers.length + nodes.length === 0) return [];
  return [{ from: [...scrapers, ...nodes.map((cidr) => block(cidr, []))], ports: tcp([port]) }];
}

/** Names, those it calls, its database, its stores, and who is outside by its settings. */
function serviceEgress(release: ShopRelease, service: Service, edges: readonly Edge[]): unknown[] {
  const said = saidBy(release, service);
  const { database, databases } = service.facts;
  return [
    dns(release),
    ...callees(release, service.name, edges),
    ...watchEgress(release, service.name),
    ...(database || databases ? [postgresRule(release)] : []),
    ...(asksRedis(release, service) ? [storeRule(release, "redis", { host: "?", port: 6379 })] : []),
    ...outsiders(release, service.name, said),
  ];
}

function roleEgress(release: ShopRelease, role: Facts, edges: readonly Edge[]): unknown[] {
  const { egress, networkPolicy } = release.values;
  const own = egress.to[role.name];
  const { cidrs, ports } = networkPolicy.apiServer;
  const needsNames = role.databases || role.asksKubernetes || role.connections.length > 0 || own;
  return [
    ...(needsNames ? [dns(release)] : []),
    ...callees(release, role.name, edges),
    ...(role.databases ? [postgresRule(release)] : []),
    ...(role.asksKubernetes
      ? [{ to: cidrs.map((cidr) => block(cidr, ["169.254.169.254/32"])), ports: tcp(ports) }]
      : []),
    ...(own ? [outsideRule(release, role.name, "?", [443])] : []),
  ];
}

/** Those whose data it keeps, and whoever a value names. */
function storeIngress(release: ShopRelease, store: Store): unknown[] {
  const clients = release.values.networkPolicy.storeClients[store];
  const port = { postgres: 5432, redis: 6379, rabbitmq: 5672 }[store];
  const owners = store === "postgres" && release.isTiers ? [] : ownersOf(release, store);
  const measured = store === "rabbitmq" ? operationsIngress(release, 15_692) : [];
  if (owners.length + clients.length === 0) return measured;
  return [
    { from: [...owners.map((name) => podsOf(release, name)), ...clients], ports: tcp([port]) },
    ...measured,
  ];
}

function ownersOf(release: ShopRelease, store: Store): string[] {
  if (store === "redis")
    return release.services.filter((service) => asksRedis(release, service)).map(({ name }) => name);
  const services = release.services
    .filter(({ facts }) => facts.database || facts.databases)
    .map(({ name }) => name);
  const roles = release.facts.roles.filter(({ databases, runs }) => databases && (runs ?? []).length === 0);
  return unique([...services, ...roles.map(({ name }) => name)]);
}

function dns(release: ShopRelease): unknown {
  const { to, ports } = release.values.networkPolicy.dns;
  return {
    to,
    ports: ports.flatMap((port) => [
      { port, protocol: "UDP" },
      { port, protocol: "TCP" },
    ]),
  };
}

function callees(release: ShopRelease, name: string, edges: readonly Edge[]): unknown[] {
  return edges
    .filter(({ from }) => from === name)
    .map(({ to, port }) => ({ to: [podsOf(release, to)], ports: tcp([port]) }));
}

function postgresRule(release: ShopRelease): unknown {
  return storeRule(release, "postgres", release.database);
}

/** To the chart's own store where it has one, else to the one outside. */
function storeRule(
  release: ShopRelease,
  store: Store,
  { host, port }: { readonly host: string; readonly port: number },
): unknown {
  if (release.values[store].enabled) return { to: [podsOf(release, store)], ports: tcp([port]) };
  return outsideRule(release, store, host, [port]);
}

/** What a pod's environment says: each name with its text, or "?" where only a secret knows. */
function saidBy(release: ShopRelease, service: Service): Readonly<Record<string, string>> {
  const config = serviceConfig(release);
  return Object.fromEntries(
    environmentOf(release, service).map(({ name, value = "", valueFrom }) => {
      const reference = valueFrom?.["configMapKeyRef"] as { readonly key: string } | undefined;
      return [name, valueFrom ? (reference && config[reference.key]) || "?" : value];
    }),
  );
}

/** What a process may have to reach beside services: its own, those of all services that run in it, and of every process. */
function mayReach(release: ShopRelease, name: string): Pick<Required<Facts>, "outside" | "redis"> {
  const { common } = release.facts;
  const own = release.factsOf(name);
  const inside = [own, ...(own.runs ?? []).map((each) => release.factsOf(each))];
  return {
    outside: unique([...common.outside, ...inside.flatMap(({ outside = [] }) => outside)]),
    redis: unique([...common.redis, ...inside.flatMap(({ redis = [] }) => redis)]),
  };
}

function asksRedis(release: ShopRelease, service: Service): boolean {
  const said = saidBy(release, service);
  return mayReach(release, service.name).redis.some((setting) => setting in said);
}

/** Whom a service reaches outside of the shop by what its settings say. */
function outsiders(release: ShopRelease, name: string, said: Readonly<Record<string, string>>): unknown[] {
  const reached = mayReach(release, name).outside.flatMap((outside) => {
    const choice = said[outside.setting] || outside.default || "";
    return outside.reaches.flatMap((reach) => {
      const address = said[reach.setting] || reach.default || "";
      const isChosen = choice === reach.choice || choice === "?" || choice.startsWith(`${reach.choice}://`);
      if (!isChosen || address === "") return [];
      if (address === "?")
        return Object.values(reach.ports).map((port) => ({ name: outside.port, host: "?", port }));
      const url = new URL(address);
      const port = /:(\d+)(?:\/|$)/.exec(address.replace(/^[a-z+.-]+:\/\//, ""))?.[1];
      const usual = reach.ports[url.protocol.replace(/:$/, "")] ?? 0;
      return [
        { name: outside.port, host: url.hostname.replace(/^\[|\]$/g, ""), port: port ? Number(port) : usual },
      ];
    });
  });
  const groups = new Map<string, typeof reached>();
  for (const one of unique(reached))
    groups.set(`${one.name} ${one.host}`, [...(groups.get(`${one.name} ${one.host}`) ?? []), one]);
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, ones]) => {
      const [port = "", host = ""] = key.split(" ");
      return outsideRule(
        release,
        port,
        host,
        ones.map((one) => one.port),
      );
    });
}

/** To somebody outside: by the values, else by the address, else anybody outside of the cluster. */
function outsideRule(release: ShopRelease, name: string, host: string, ports: readonly number[]): unknown {
  const { egress } = release.values;
  const own = egress.to[name] ?? {};
  let { peers = [], cidrs = [] } = own;
  if (peers.length + cidrs.length === 0) {
    const namespace = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(host)?.[1];
    if (/^[0-9.]+$/.test(host)) cidrs = [`${host}/32`];
    else if (host.includes(":")) cidrs = [`${host}/128`];
    else if (/^[^.?]+$/.test(host)) peers = [{ podSelector: {} }];
    else if (namespace !== undefined)
      peers = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }];
    else cidrs = egress.cidrs;
  }
  const blocks = cidrs.map((cidr) => block(cidr, egress.never));
  return { to: [...peers, ...blocks], ports: tcp(own.ports && own.ports.length > 0 ? own.ports : ports) };
}

/** One range of addresses; from "everywhere" what nobody may reach is taken out. */
function block(cidr: string, never: readonly string[]): Fields {
  const except = cidr.endsWith("/0") ? never.filter((each) => each.includes(":") === cidr.includes(":")) : [];
  return { ipBlock: { cidr, ...(except.length > 0 && { except }) } };
}

function podsOf(release: ShopRelease, component: string): Fields {
  return { podSelector: { matchLabels: release.selector(component) } };
}

function tcp(ports: readonly number[]): Fields[] {
  return unique(ports).map((port) => ({ port, protocol: "TCP" }));
}

/** Each once, in the order of the first. */
function unique<T>(values: readonly T[]): T[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
