/** Where people and programs arrive: an Ingress for pages and API, one for the staff's pages, and those that share a path in a canary. */
import { unlessEmpty, type KubernetesObject, type Service, type ShopRelease } from "./shop-release.ts";
import { over, type Fields } from "./values.ts";

interface Route {
  readonly name: "staff" | "programs" | "pages";
  readonly service: "gateway" | "storefront";
  readonly paths: readonly string[];
}

interface Backend {
  readonly name: string;
  readonly port: number;
  readonly weight: number;
}

export function ingresses(release: ShopRelease): KubernetesObject[] {
  if (!release.values.ingress.enabled) return [];
  return [
    ...doorOf(release, "shop"),
    ...doorOf(release, "staff"),
    ...release.services.flatMap((service) => canaries(release, service)),
  ];
}

/** Programs go to the gateway, and the staff through it; everything else is pages. In topology "tiers" the storefront is the only door. */
function routesOf(release: ShopRelease): Route[] {
  const pages: Route = { name: "pages", service: "storefront", paths: ["/"] };
  if (release.isTiers) return [pages];
  return [
    { name: "staff", service: "gateway", paths: ["/admin"] },
    {
      name: "programs",
      service: "gateway",
      paths: ["/api", "/docs", "/openapi.json", "/.well-known", "/files"],
    },
    pages,
  ];
}

function doorOf(release: ShopRelease, part: "shop" | "staff"): KubernetesObject[] {
  const { tls } = release.values.ingress;
  const routes = routesOf(release).filter(({ name }) => (name === "staff") === (part === "staff"));
  if (routes.length === 0) return [];
  const metadata = release.metadata(part, "ingress", { annotations: annotationsOf(release, part) });
  const paths = routes.flatMap(({ service, paths: all }) => {
    const [backend] = backendsOf(release, release.service(service));
    return backend ? all.map((path) => pathTo(path, backend)) : [];
  });
  const isSafe = tls.enabled && { tls: [{ hosts: hostsOf(release), secretName: tls.secretName }] };
  return [ingress(release, metadata, { ...isSafe, ...rulesOf(release, paths) })];
}

/** Beside the Ingress of the same paths: ingress-nginx sends a share of its requests to the version under trial. */
function canaries(release: ShopRelease, service: Service): KubernetesObject[] {
  if (service.rollout.strategy !== "canary" || routerOf(release, service) !== "nginx") return [];
  const [, ...others] = backendsOf(release, service);
  return others.flatMap((backend) =>
    routesOf(release)
      .filter((route) => route.service === service.name)
      .map(({ name, paths }) => {
        const annotations = {
          "nginx.ingress.kubernetes.io/canary": "true",
          "nginx.ingress.kubernetes.io/canary-weight": String(backend.weight),
        };
        const metadata = release.metadata(`canary-${name}`, "ingress", { annotations });
        return ingress(
          release,
          metadata,
          rulesOf(
            release,
            paths.map((path) => pathTo(path, backend)),
          ),
        );
      }),
  );
}

function ingress(
  release: ShopRelease,
  metadata: KubernetesObject["metadata"],
  spec: Fields,
): KubernetesObject {
  const ingressClassName = unlessEmpty(release.values.ingress.className);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: { ingressClassName, ...spec },
  };
}

function rulesOf(release: ShopRelease, paths: readonly Fields[]): Fields {
  return { rules: hostsOf(release).map((host) => ({ host, http: { paths } })) };
}

function pathTo(path: string, { name, port }: Backend): Fields {
  return { path, pathType: "Prefix", backend: { service: { name, port: { number: port } } } };
}

/** Those of the values, else the one of shop.url. */
function hostsOf({ values: { ingress: said, shop } }: ShopRelease): readonly string[] {
  return said.hosts.length > 0 ? said.hosts : [new URL(shop.url).hostname];
}

/** The Service behind a path; of a canary with a router, each version's, the trusted one first. */
function backendsOf(release: ShopRelease, service: Service): Backend[] {
  const port = service.service.ports[0]?.port ?? 0;
  if (service.rollout.strategy !== "canary" || routerOf(release, service) === "none")
    return [{ name: service.service.name, port, weight: 100 }];
  const active = release.activeSlot(service);
  const slots = release
    .slots(service)
    .map(({ name, deployment, weight }) => ({ slot: name, name: deployment, port, weight }));
  return [
    ...slots.filter(({ slot }) => slot === active),
    ...slots.filter(({ slot, weight }) => slot !== active && weight > 0),
  ];
}

function routerOf(
  { values: { ingress: said } }: ShopRelease,
  { rollout: { router = "auto" } }: Service,
): string {
  if (router !== "auto") return router;
  return said.enabled && said.controller === "nginx" ? "nginx" : "none";
}

/** What ingress-nginx is told, and over it the values'. */
function annotationsOf({ values: { ingress: said } }: ShopRelease, part: "shop" | "staff"): Fields {
  const own = part === "staff" ? said.staff : said;
  const ranges = own.sourceRanges.length > 0 ? own.sourceRanges : said.sourceRanges;
  const { requestsPerSecond, burst, connections } = said.rateLimit;
  const issuers = {
    ...(said.tls.clusterIssuer && { "cert-manager.io/cluster-issuer": said.tls.clusterIssuer }),
    ...(said.tls.issuer && { "cert-manager.io/issuer": said.tls.issuer }),
  };
  const nginx = {
    "proxy-body-size": "2m",
    "proxy-read-timeout": "75",
    ...(said.tls.enabled && { "force-ssl-redirect": "true" }),
    ...(ranges.length > 0 && { "whitelist-source-range": ranges.join(",") }),
    ...(requestsPerSecond && {
      "limit-rps": String(requestsPerSecond),
      "limit-burst-multiplier": String(burst),
    }),
    ...(connections && { "limit-connections": String(connections) }),
    ...(own.basicAuthSecret && {
      "auth-type": "basic",
      "auth-secret": own.basicAuthSecret,
      "auth-realm": "The shop",
    }),
  };
  const told = said.controller === "nginx" ? Object.entries(nginx) : [];
  const named = told.map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value] as const);
  return over(over({ ...issuers, ...Object.fromEntries(named) }, said.annotations), own.annotations);
}
