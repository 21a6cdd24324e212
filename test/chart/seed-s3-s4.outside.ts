// The fourth and fifth design documents line by line: five services with ports of their own; a gateway before services that scale, TLS, production.
import { facts } from "./facts.ts";
import { Release, testLines, type Line } from "./release.ts";
import { byKind, podsOf } from "./render.ts";

const s3 = new Release({ profile: "s3" });
const s4 = new Release({ profile: "s4" });
const s4Anywhere = new Release({ profile: "s4", namespace: "default" });
const s3Door = new Release({ profile: "s3", values: { ingress: { enabled: true } } });

const at = (release: Release, name: string, port: number) => {
  const component = release.service(name).metadata.labels?.["component"];
  const container = release.container(component ?? "");
  const number = release.containerPort(name, port);
  return `${component} ${container.ports?.find(({ containerPort }) => containerPort === number)?.name}`;
};
const storage = (release: Release, name: string) =>
  release.statefulSet(name).spec.volumeClaimTemplates?.[0]?.spec.resources.requests["storage"];

// prettier-ignore
const s3Lines: Line[] = [
  ["S3-01", "each service is a Deployment of its own", () => facts.services.filter(({ name }) => Object.keys(s3.replicas(name)).length === 0), []],
  ["S3-02", "each with a database of its own", () => facts.services.filter(({ name, database }) => database !== null && s3.variable(name, `${name.toUpperCase()}_DATABASE_URL`) !== `stoa-databases/${name}-database-url`), []],
  ["S3-04", "found by the names of Services", () => s3.config("service-config")["USER_URL"], "dns:///user:3002"],
  ["S3-11", "gateway on 3000", () => at(s3, "gateway", 3000), "gateway http"],
  ["S3-17", "product on 3001 (C05)", () => at(s3, "product-service", 3001), "catalog operations"],
  ["S3-31", "user on 3002 (C05)", () => at(s3, "user-service", 3002), "user operations"],
  ["S3-45", "order on 3003 (C05)", () => at(s3, "order-service", 3003), "order operations"],
  ["S3-62", "cart on 3004 (C05)", () => at(s3, "cart-service", 3004), "cart operations"],
  ["S3-77", "http://product-service:3001", () => s3.service("product-service").spec.ports.some(({ port }) => port === 3001), true],
  ["S3-78", "http://user-service:3002", () => s3.service("user-service").spec.ports.some(({ port }) => port === 3002), true],
  ["S3-79", "http://order-service:3003", () => s3.service("order-service").spec.ports.some(({ port }) => port === 3003), true],
  ["S3-80", "http://cart-service:3004", () => s3.service("cart-service").spec.ports.some(({ port }) => port === 3004), true],
  ["S3-43", "order reaches the product service", () => s3.mayReach("order", "catalog", 3550), true],
  ["S3-64", "cart reaches the product service", () => s3.mayReach("cart", "catalog", 3550), true],
  ["S3-63", "carts are in Redis", () => s3.variable("cart", "CART_REDIS_URL"), "stoa-redis/url"],
  ["S3-90", "which keeps nothing (C25)", () => [s3.statefulSet("redis").spec.volumeClaimTemplates ?? [], s3.pod("redis").volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim)], [[], false]],
  ["S3-86", "PostgreSQL's volume is of 5Gi (C29)", () => storage(s3, "postgres"), "5Gi"],
  ["S3-82", "as is that of the products, which are in the same server (C01)", () => storage(s3, "postgres"), "5Gi"],
  ["S3-92", "passwords of databases are in Secrets", () => s3.secretKeys.filter((key) => key.startsWith("stoa-databases/") && key.endsWith("-database-url")).length >= 11, true],
  ["S3-93", "and the key of tokens may be: an existing Secret, by value", () => s3.secretKeys.includes("stoa-keys/service-key"), true],
  ["S3-94", "only pages and API are led to from outside", () => [...new Set(byKind(s3Door.objects, "Ingress").flatMap(({ spec }) => (spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend.service.name))))].sort(), ["gateway", "storefront"]],
  ["S3-95", "databases are reached inside the cluster alone", () => ["postgres-service", "redis"].map((name) => s3.service(name).spec.type ?? "ClusterIP"), ["ClusterIP", "ClusterIP"]],
  ["S3-96", "frontend: 2 pods (C09)", () => Object.values(s3.replicas("storefront")), [2]],
  ["S3-97", "product, user, order and cart: 2 pods each", () => ["catalog", "user", "order", "cart"].map((name) => Object.values(s3.replicas(name))), [[2], [2], [2], [2]]],
  ["S3-98", "calls go round all of them: each pod has its address", () => s3.service("catalog").spec.clusterIP, "None"],
  ["S3-99", "a pod that is not ready is left out", () => s3.probe("catalog", "readiness").path, "/ready"],
  ["S3-103", "liveness of /health, everywhere", () => facts.services.filter(({ name }) => s3.probe(name, "liveness").path !== "/health"), []],
  ["S3-104", "readiness of /ready, everywhere", () => facts.services.filter(({ name }) => s3.probe(name, "readiness").path !== "/ready"), []],
  ["S3-106", "one image for each service", () => facts.services.filter(({ name }) => !s3.container(name).image.startsWith(`ecommerce/${name}:`)), []],
  ["S3-108", "user 1001", () => [...new Set(facts.services.map(({ name }) => s3.pod(name).securityContext?.runAsUser))], [1001]],
  ["S3-110", "Deployment, Service, volume claim, Secret (by a job) and Ingress", () => ["Deployment", "Service", "StatefulSet", "Job", "Ingress"].filter((kind) => !s3Door.objects.some((object) => object.kind === kind)), []],
];

const secure = new Release({
  profile: "s4",
  values: {
    shop: { url: "https://shop.example.com" },
    ingress: {
      enabled: true,
      tls: { enabled: true, clusterIssuer: "letsencrypt" },
      rateLimit: { requestsPerSecond: 50 },
    },
    tls: { enabled: true },
  },
});

// prettier-ignore
const s4Lines: Line[] = [
  ["S4-02", "gateway on 3000", () => at(s4, "gateway", 3000), "gateway http"],
  ["S4-09", "user on 4001 (C05)", () => at(s4, "user-service", 4001), "user operations"],
  ["S4-11", "product on 4002 (C05)", () => at(s4, "product-service", 4002), "catalog operations"],
  ["S4-17", "order on 4003 (C05)", () => at(s4, "order-service", 4003), "order operations"],
  ["S4-23", "users_db", () => s4.variable("user", "USER_DATABASE_URL"), "stoa-databases/user-database-url"],
  ["S4-24", "products_db", () => s4.variable("catalog", "CATALOG_DATABASE_URL"), "stoa-databases/catalog-database-url"],
  ["S4-25", "orders_db", () => s4.variable("order", "ORDER_DATABASE_URL"), "stoa-databases/order-database-url"],
  ["S4-26", "clients come over HTTPS", () => byKind(secure.objects, "Ingress").map(({ spec }) => spec.tls?.[0]?.hosts), [["shop.example.com"], ["shop.example.com"]]],
  ["S4-28", "services reach PostgreSQL", () => ["user", "catalog", "order"].map((name) => s4.mayReach(name, "postgres", 5432)), [true, true, true]],
  ["S4-29", "checkout asks the user service (C46)", () => s4.mayReach("checkout", "user", 3002), true],
  ["S4-30", "order asks the product service (C45)", () => s4.mayReach("order", "catalog", 3550), true],
  ["S4-96", "NGINX before it", () => new Release({ profile: "s4", values: { ingress: { enabled: true } } }).objects.some(({ kind }) => kind === "Ingress"), true],
  ["S4-96", "or Traefik", () => byKind(new Release({ profile: "s4", values: { ingress: { enabled: true, controller: "traefik", className: "traefik" } } }).objects, "Ingress")[0]?.spec.ingressClassName, "traefik"],
  ["S4-96", "or a Gateway such as Istio's", () => new Release({ profile: "s4", values: { gatewayApi: { enabled: true, gateway: { create: true, className: "istio" } } } }).objects.filter(({ kind }) => kind === "Gateway" || kind === "HTTPRoute").map(({ kind }) => kind), ["Gateway", "HTTPRoute"]],
  ["S4-97", "namespace prod (C08)", () => s4Anywhere.namespaces, ["prod"]],
  ["S4-98", "gateway: 3 pods", () => Object.values(s4.replicas("gateway"))[0], 3],
  ["S4-99", "gateway: 2 to 10 (C10)", () => s4.scale("gateway"), "2-10"],
  ["S4-100", "gateway: ClusterIP", () => s4.service("gateway").spec.type, "ClusterIP"],
  ["S4-101", "user: 2 pods, 2 to 5, ClusterIP (C41)", () => [Object.values(s4.replicas("user")), s4.scale("user"), s4.service("user-service").spec.type], [[2], "2-5", "ClusterIP"]],
  ["S4-102", "product: 2 pods, 2 to 5, ClusterIP", () => [Object.values(s4.replicas("catalog")), s4.scale("catalog"), s4.service("product-service").spec.type], [[2], "2-5", "ClusterIP"]],
  ["S4-103", "order: 2 pods, 2 to 5, ClusterIP", () => [Object.values(s4.replicas("order")), s4.scale("order"), s4.service("order-service").spec.type], [[2], "2-5", "ClusterIP"]],
  ["S4-104", "URLs of databases, API keys and the key of tokens come from Secrets", () => ["stoa-databases/user-database-url", "api-keys/PAYMENT_API_KEY", "stoa-keys/service-key"].filter((key) => !s4.secretKeys.includes(key)), []],
  ["S4-105", "PostgreSQL 15", () => s4.container("postgres").image.startsWith("postgres:15"), true],
  ["S4-115", "policies deny what no connection names", () => s4.whoReaches("payment", 50052), ["checkout", "gateway", "order"]],
  ["S4-117", "certificates by cert-manager", () => byKind(secure.objects, "Ingress").map(({ metadata }) => metadata.annotations?.["cert-manager.io/cluster-issuer"]), ["letsencrypt", "letsencrypt"]],
  ["S4-118", "TLS of both sides between services, by value (C49)", () => [secure.variable("catalog", "GRPC_TLS"), secure.objects.filter(({ kind }) => kind === "Certificate").length >= facts.services.length], ["mutual", true]],
  ["S4-118", "and not unless asked for", () => s4.variable("catalog", "GRPC_TLS"), undefined],
  ["S4-120", "a limit of requests at the door", () => byKind(secure.objects, "Ingress")[0]?.metadata.annotations?.["nginx.ingress.kubernetes.io/limit-rps"], "50"],
  ["S4-123", "HSTS", () => s4.variable("gateway", "GATEWAY_HSTS_SECONDS"), "31536000"],
  ["S4-129", "no root, no writing to the image, limits", () => podsOf(s4.objects).flatMap(({ owner, template }) => template.spec.containers.filter(({ securityContext, resources }) => securityContext?.readOnlyRootFilesystem !== true || !resources?.limits).map(({ name }) => `${owner} ${name}`)), []],
];

testLines([...s3Lines, ...s4Lines]);
