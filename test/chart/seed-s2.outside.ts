// The third design document line by line: small services over gRPC, an ingress controller, Redis with a password, three ways to roll out.
import { facts } from "./facts.ts";
import { bytesOf, coresOf } from "./quantities.ts";
import { Release, testLines, type Line } from "./release.ts";
import { byKind, podsOf } from "./render.ts";

const s2 = new Release({ profile: "s2" });
const elsewhere = new Release({ profile: "s2", namespace: "default" });
const all = facts.services.map(({ name }) => name);
const programs = facts.services.filter(({ ports }) => ports["grpc"] !== undefined);

/** The number that a name and port of the document lead to, and the service that answers there. */
const at = (name: string, port: number) => {
  const component = s2.service(name).metadata.labels?.["component"];
  return `${component} ${s2.containerPort(name, port)}`;
};
const outside = new Release({ profile: "s2", values: { ingress: { enabled: true } } });
const controlled = new Release({
  profile: "s2",
  values: {
    ingress: {
      enabled: true,
      sourceRanges: ["203.0.113.0/24"],
      rateLimit: { requestsPerSecond: 20 },
      staff: { basicAuthSecret: "staff" },
    },
  },
});
const strategy = (name: string) =>
  new Release({ profile: "s2", values: { services: { catalog: { rollout: { strategy: name } } } } });

// prettier-ignore
const places: Line[] = [
  ["S2-01", "an ingress controller in front of the pages", () => byKind(outside.objects, "Ingress").map(({ spec }) => spec.ingressClassName), ["nginx", "nginx"]],
  ["S2-151", "and what balances load before it is outside of the cluster", () => byKind(outside.objects, "Service").filter(({ spec }) => spec.type === "LoadBalancer"), []],
  ["S2-02", "frontend: pages on 8080", () => s2.container("storefront").ports?.find(({ name }) => name === "http")?.containerPort, 8080],
  ["S2-03", "product catalogue on 3550 (C05)", () => at("productcatalogservice", 3550), "catalog 3550"],
  ["S2-04", "cart on 7070", () => at("cartservice", 7070), "cart 7070"],
  ["S2-05", "recommendation on 8080 (C43)", () => at("recommendationservice", 8080), "recommendation 8081"],
  ["S2-06", "Redis on 6379", () => s2.containerPort("redis", 6379), 6379],
  ["S2-07", "currency on 7000", () => at("currencyservice", 7000), "currency 7000"],
  ["S2-08", "checkout on 5050", () => at("checkoutservice", 5050), "checkout 5050"],
  ["S2-09", "ads on 9555", () => at("adservice", 9555), "ad 9555"],
  ["S2-10", "shipping on 50051 (C05)", () => at("shippingservice", 50051), "shipping 50051"],
  ["S2-11", "payment on 50051 (C05)", () => at("paymentservice", 50051), "payment 50052"],
  ["S2-12", "email on 5000 (C59)", () => at("emailservice", 5000), "email 5000"],
  ["S2-72", "names resolve within their namespace: Services stand in it", () => new Set(byKind(elsewhere.objects, "Service").map(({ metadata }) => metadata.namespace)), new Set(["microservices"])],
  ["S2-73", "and are short: name and port", () => s2.config("service-config")["CATALOG_URL"], "dns:///catalog:3550"],
  ["S2-77", "namespace microservices (C08)", () => elsewhere.namespaces, ["microservices"]],
  ["S2-84", "another namespace for each environment, by value", () => new Release({ profile: "s2", values: { namespace: "ecommerce-staging", environment: "staging" } }).objects.filter(({ kind, metadata }) => kind === "Service" && metadata.namespace !== "ecommerce-staging"), []],
  ["S2-140", "whose pods cannot reach the other's: peers are of one namespace", () => byKind(s2.objects, "NetworkPolicy").filter(({ spec }) => (spec.ingress ?? []).some(({ from = [] }) => from.some(({ namespaceSelector, podSelector }) => namespaceSelector && podSelector === undefined && Object.keys(namespaceSelector).length === 0))), []],
];

// prettier-ignore
const calls: Line[] = [
  ["S2-13", "the frontend asks the gateway, which reaches every service", () => [s2.mayReach("storefront", "gateway", 3000), ...programs.map(({ name, ports }) => s2.mayReach("gateway", name, ports["grpc"] ?? 0))].every(Boolean), true],
  ["S2-14", "checkout reaches cart, product, currency, payment, shipping; email hears of orders", () => [["cart", 7070], ["catalog", 3550], ["currency", 7000], ["payment", 50052], ["shipping", 50051]].map(([to, port]) => s2.mayReach("checkout", String(to), Number(port))).concat(s2.mayReach("order", "email", 5000)), [true, true, true, true, true, true]],
  ["S2-15", "cart reaches Redis", () => s2.mayReach("cart", "redis", 6379), true],
  ["S2-16", "the catalogue calls no service; it asks for keys alone", () => facts.services.find(({ name }) => name === "catalog")?.connections.map(({ for: reasons }) => reasons), [["keys"]]],
  ["S2-21", "recommendation reaches the catalogue", () => s2.mayReach("recommendation", "catalog", 3550), true],
  ["S2-24", "carts are in Redis", () => s2.variable("cart", "CART_REDIS_URL"), "stoa-redis/url"],
  ["S2-70", "services speak gRPC among each other", () => programs.every(({ name, ports }) => s2.containerPort(name, ports["grpc"] ?? 0) === ports["grpc"]), true],
  ["S2-78", "nothing is reached from outside but by the ingress controller", () => byKind(s2.objects, "Service").filter(({ spec }) => !["ClusterIP", undefined].includes(spec.type)), []],
  ["S2-79", "which leads to pages and API alone (C33)", () => [...new Set(byKind(outside.objects, "Ingress").flatMap(({ spec }) => (spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend.service.name))))].sort(), ["gateway", "storefront"]],
  ["S2-150", "one public entry", () => new Set(byKind(outside.objects, "Ingress").flatMap(({ spec }) => (spec.rules ?? []).map(({ host }) => host))).size, 1],
  ["S2-85", "every pair that no connection names is denied", () => [s2.mayReach("ad", "payment", 50052), s2.mayReach("email", "order", 3003), s2.mayReach("storefront", "checkout", 5050), s2.mayReach("ad", "cart", 7070)], [false, false, false, false]],
  ["S2-82", "the door asks where somebody comes from, and the staff for a password", () => byKind(controlled.objects, "Ingress").map(({ metadata }) => [metadata.annotations?.["nginx.ingress.kubernetes.io/whitelist-source-range"], metadata.annotations?.["nginx.ingress.kubernetes.io/auth-secret"]]), [["203.0.113.0/24", undefined], ["203.0.113.0/24", "staff"]]],
];

// prettier-ignore
const state: Line[] = [
  ["S2-74", "addresses of services are in a ConfigMap", () => programs.filter(({ name }) => s2.config("service-config")[`${name.toUpperCase()}_URL`] === undefined), []],
  ["S2-75", "the password of Redis is in a Secret", () => s2.variable("redis", "REDISCLI_AUTH"), "stoa-redis/password"],
  ["S2-76", "every service has variables of its own", () => all.filter((name) => (s2.container(name).env ?? []).length < 5), []],
  ["S2-66", "Redis asks for it (C26)", () => JSON.stringify(s2.container("redis")).includes("requirepass"), true],
  ["S2-80", "and nobody knows one that the document names", () => JSON.stringify(s2.objects).includes("redis123"), false],
  ["S2-37", "cart's connection carries it", () => s2.variable("cart", "CART_REDIS_URL"), "stoa-redis/url"],
  ["S2-67", "carts survive a restart of Redis", () => s2.statefulSet("redis").spec.volumeClaimTemplates?.length, 1],
  ["S2-131", "by an append-only file each second and by snapshots (C25)", () => { const text = JSON.stringify(s2.config("redis")); return [/appendonly yes/.test(text), /appendfsync everysec/.test(text), /save \d+ \d+|save \\"\d+ \d+/.test(text)]; }, [true, true, true]],
  ["S2-91", "Redis is what all replicas share", () => all.filter((name) => s2.variable(name, "REDIS_URL") !== undefined).length > 0, true],
  ["S2-81", "services prove who they are with a key that all of them have", () => programs.filter(({ name }) => s2.variable(name, "SERVICE_KEY") !== "stoa-keys/service-key"), []],
  ["S2-83", "secrets are Kubernetes Secrets", () => s2.secretKeys.every((key) => /^(stoa-(keys|databases|postgres|redis|rabbitmq|admin)|api-keys)\//.test(key)), true],
];

// prettier-ignore
const scaling: Line[] = [
  ["S2-86", "each service scales by itself", () => all.filter((name) => !s2.hasScaler(name)), []],
  ["S2-87", "autoscaling/v2, 1 to 10, CPU 70 % (C42)", () => [...new Set(all.map((name) => `${s2.scaler(name).apiVersion} ${s2.scale(name)} ${s2.cpuTarget(name)}`))], ["autoscaling/v2 1-10 70"]],
  ["S2-88", "CPU requests of 100 to 300m (C32)", () => all.filter((name) => { const asked = coresOf(s2.container(name).resources?.requests?.["cpu"] ?? 0); return asked < 0.1 || asked > 0.3; }), []],
  ["S2-89", "memory requests of 64 to 256Mi", () => all.filter((name) => { const asked = bytesOf(s2.container(name).resources?.requests?.["memory"] ?? 0); return asked < bytesOf("64Mi") || asked > bytesOf("256Mi"); }), []],
  ["S2-90", "and limits", () => all.filter((name) => s2.resources(name).includes("undefined")), []],
  ["S2-94", "liveness probes", () => all.filter((name) => !s2.container(name).livenessProbe), []],
  ["S2-95", "readiness probes", () => all.filter((name) => !s2.container(name).readinessProbe), []],
  ["S2-96", "startup probes", () => all.filter((name) => !s2.container(name).startupProbe), []],
  ["S2-136", "a pod that is not well is replaced: liveness of /health", () => all.filter((name) => s2.probe(name, "liveness").path !== "/health"), []],
  ["S2-134", "several pods of each", () => all.filter((name) => (Object.values(s2.replicas(name))[0] ?? 0) < 2), []],
  ["S2-135", "on different nodes where that can be had", () => all.filter((name) => s2.pod(name).affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.[0]?.podAffinityTerm.topologyKey !== "kubernetes.io/hostname"), []],
  ["S2-133", "pods keep nothing", () => podsOf(s2.objects).filter(({ owner, template }) => owner.startsWith("Deployment/") && template.spec.volumes?.some((volume) => volume.persistentVolumeClaim)), []],
];

// prettier-ignore
const rollouts: Line[] = [
  ["S2-104", "pods are replaced one by one, none missing", () => [...new Set(all.map((name) => s2.strategy(name)))], ["RollingUpdate 1/0"]],
  ["S2-105", "only when the next is ready: readiness of /ready", () => all.filter((name) => s2.probe(name, "readiness").path !== "/ready"), []],
  ["S2-106", "and go back to a version before", () => all.filter((name) => Number(byKind(s2.objects, "Deployment").find(({ metadata }) => metadata.labels?.["component"] === name)?.spec.revisionHistoryLimit) < 1), []],
  ["S2-107", "any service in two colours", () => Object.keys(strategy("blueGreen").replicas("catalog")), ["catalog-blue", "catalog-green"]],
  ["S2-108", "the idle one behind a Service of its own, for tests", () => strategy("blueGreen").service("catalog-preview").spec.selector?.["slot"], "green"],
  ["S2-109", "switched by one selector, and back", () => strategy("blueGreen").service("product-service").spec.selector?.["slot"], "blue"],
  ["S2-110", "any service as a canary", () => Object.keys(strategy("canary").replicas("catalog")), ["catalog-v1", "catalog-v2"]],
  ["S2-111", "of which the new version begins with nothing", () => strategy("canary").replicas("catalog")["catalog-v2"], 0],
];

// prettier-ignore
const mesh: Line[] = [
  ["S2-141", "Linkerd takes the pods in, by value", () => podsOf(new Release({ profile: "s2", values: { mesh: { type: "linkerd" } } }).objects).find(({ owner }) => owner === "Deployment/catalog")?.template.metadata?.annotations?.["linkerd.io/inject"], "enabled"],
  ["S2-142", "Istio asks for TLS of both sides, by value", () => new Release({ profile: "s2", values: { mesh: { type: "istio" } } }).objects.filter(({ kind }) => kind === "PeerAuthentication").map(({ spec }) => (spec as { mtls?: { mode: string } }).mtls?.mode).every((mode) => mode === "STRICT"), true],
  ["S2-143", "and its telemetry", () => new Release({ profile: "s2", values: { mesh: { type: "istio" } } }).objects.filter(({ kind }) => kind === "Telemetry").length, 1],
];

testLines([...places, ...calls, ...state, ...scaling, ...rollouts, ...mesh]);
