/** Who can open which port to whom, reckoned from NetworkPolicies as Kubernetes defines them: egress of the one and ingress of the other must allow it. */
import { BlockList, isIPv6 } from "node:net";
import type { AnyObject, NetworkPolicy, PolicyPeer, PolicyPort } from "./objects.ts";
import { byKind, podsOf, selects, type Pods } from "./render.ts";

type Labels = Readonly<Record<string, string>>;

/** One end of a connection: a pod, or an address outside of the cluster. */
export interface Party {
  readonly name: string;
  /** Of a pod. Absent for an address alone, which no selector means. */
  readonly pod?: { readonly namespace: string; readonly namespaceLabels: Labels; readonly labels: Labels };
  readonly address: string;
  /** Ports that containers name, for policies that speak of names. */
  readonly namedPorts: ReadonlyMap<string, number>;
}

export interface Opening {
  readonly port: number;
  readonly protocol?: "TCP" | "UDP";
}

/** An address that is no pod's. */
export function outsider(address: string): Party {
  return { name: address, address, namedPorts: new Map() };
}

/** A pod of somebody else. */
export function stranger(namespace: string, labels: Labels = {}): Party {
  const namespaceLabels = { "kubernetes.io/metadata.name": namespace };
  const pod = { namespace, namespaceLabels, labels };
  return { name: `${namespace}/pod`, pod, address: "10.244.200.1", namedPorts: new Map() };
}

/** All pods that the objects make, one for each owner; `ports` are those that their containers declare. */
export function partiesOf(
  objects: readonly AnyObject[],
  namespace: string,
): (Party & { owner: string; component: string; ports: number[] })[] {
  return podsOf(objects).map((pods, index) => {
    const home = pods.object.metadata.namespace ?? namespace;
    const containers = pods.template.spec.containers.flatMap(({ ports = [] }) => ports);
    return {
      owner: pods.owner,
      component: componentOf(pods),
      name: pods.owner,
      pod: {
        namespace: home,
        namespaceLabels: { "kubernetes.io/metadata.name": home },
        labels: pods.labels,
      },
      // Policies that name addresses must not open what they did not mean: pods have some, too.
      address: `10.244.1.${index + 10}`,
      namedPorts: new Map(containers.map(({ name = "", containerPort }) => [name, containerPort])),
      ports: containers.map(({ containerPort }) => containerPort),
    };
  });
}

function componentOf({ labels, owner }: Pods): string {
  return labels["component"] ?? owner;
}

/** What the policies among the objects let through. */
export class Policies {
  readonly #policies: readonly NetworkPolicy[];
  readonly #namespace: string;

  constructor(objects: readonly AnyObject[], namespace: string) {
    this.#policies = byKind(objects, "NetworkPolicy");
    this.#namespace = namespace;
  }

  /** Whether `from` can open a port of `to`. */
  allow(from: Party, to: Party, opening: Opening): boolean {
    return this.#letsOut(from, to, opening) && this.#letsIn(from, to, opening);
  }

  /** Policies that mean a pod, one way. */
  of(party: Party, way: "Ingress" | "Egress"): NetworkPolicy[] {
    const { pod } = party;
    if (!pod) return [];
    return this.#policies.filter(({ metadata, spec }) => {
      const types = spec.policyTypes ?? (spec.egress ? ["Ingress", "Egress"] : ["Ingress"]);
      const home = metadata.namespace ?? this.#namespace;
      return types.includes(way) && home === pod.namespace && selects(spec.podSelector, pod.labels);
    });
  }

  #letsOut(from: Party, to: Party, opening: Opening): boolean {
    const policies = this.of(from, "Egress");
    return (
      policies.length === 0 ||
      policies.some((policy) =>
        (policy.spec.egress ?? []).some(
          ({ to: peers, ports }) => this.#means(peers, to, policy) && namesPort(ports, to, opening),
        ),
      )
    );
  }

  #letsIn(from: Party, to: Party, opening: Opening): boolean {
    const policies = this.of(to, "Ingress");
    return (
      policies.length === 0 ||
      policies.some((policy) =>
        (policy.spec.ingress ?? []).some(
          ({ from: peers, ports }) => this.#means(peers, from, policy) && namesPort(ports, to, opening),
        ),
      )
    );
  }

  /** No peers, or none in the list, means everybody. */
  #means(peers: readonly PolicyPeer[] | undefined, party: Party, policy: NetworkPolicy): boolean {
    if (!peers || peers.length === 0) return true;
    const home = policy.metadata.namespace ?? this.#namespace;
    return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
      if (ipBlock) return isIn(party.address, ipBlock.cidr, ipBlock.except ?? []);
      const { pod } = party;
      if (!pod) return false;
      const isThere = namespaceSelector
        ? selects(namespaceSelector, pod.namespaceLabels)
        : pod.namespace === home;
      return isThere && (!podSelector || selects(podSelector, pod.labels));
    });
  }
}

function namesPort(
  ports: readonly PolicyPort[] | undefined,
  to: Party,
  { port, protocol = "TCP" }: Opening,
): boolean {
  if (!ports || ports.length === 0) return true;
  return ports.some((said) => {
    if ((said.protocol ?? "TCP") !== protocol) return false;
    if (said.port === undefined) return true;
    const first = typeof said.port === "number" ? said.port : to.namedPorts.get(said.port);
    return first !== undefined && port >= first && port <= (said.endPort ?? first);
  });
}

function isIn(address: string, cidr: string, except: readonly string[]): boolean {
  return holds(cidr, address) && !except.some((range) => holds(range, address));
}

function holds(cidr: string, address: string): boolean {
  const [base = "", bits = ""] = cidr.split("/");
  const family = (text: string) => (isIPv6(text) ? "ipv6" : "ipv4");
  if (family(base) !== family(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family(base));
  return list.check(address, family(address));
}
