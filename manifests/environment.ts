/** The environment of a program: explicit names only, each from the ConfigMap, from one key of one secret, or a text. */
import { authorityEnvironment } from "./authority.ts";
import type { Service, ShopRelease } from "./shop-release.ts";
import { isMap, over, type Fields, type SecretName } from "./values.ts";

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Fields;
}

const shopFacts = [
  "SHOP_URL",
  "SHOP_NAME",
  "SHOP_CURRENCY",
  "SHOP_COUNTRY",
  "SHOP_LOCALE",
  "SHOP_SUPPORT_EMAIL",
];

/** What the chart knows, and over it what the values say for all and for this service. */
export function environmentOf(release: ShopRelease, service: Service): Variable[] {
  const said = over(release.values.settings, service.env);
  return [
    ...knownEnvironment(release, service).filter(({ name }) => !(name in said)),
    ...Object.keys(said)
      .sort()
      .map((name) => (isMap(said[name]) ? { name, ...said[name] } : { name, value: String(said[name]) })),
  ];
}

function knownEnvironment(release: ShopRelease, service: Service): Variable[] {
  const { shop, monitoring } = release.values;
  const { facts, name, drain } = service;
  const is = (...names: string[]) => names.includes(name);
  return [
    ...shopFacts.map(fromConfig),
    ...facts.connections.map(({ to }) => fromConfig(`${settingPrefix(to)}_URL`)),
    fromSecret(release, "SERVICE_KEY", "keys", "service-key"),
    ...databaseEnvironment(release, service),
    ...storesEnvironment(release, service),
    ...ownSecrets(release, service),
    text("DRAIN_DELAY_SECONDS", drain.delaySeconds),
    text("DRAIN_SECONDS", drain.seconds),
    text("FLAGS_FILE", "/config/flags/features.yaml"),
    ...(monitoring.tracing.endpoint
      ? [text("OTEL_EXPORTER_OTLP_ENDPOINT", monitoring.tracing.endpoint)]
      : []),
    ...(is("catalog", "backend")
      ? [text("CATALOG_DEMO", shop.demo), text("FILES_PROVIDER", "database")]
      : []),
    ...(is("ad", "backend") ? [text("AD_DEMO", shop.demo)] : []),
    ...(is("payment", "backend") ? [text("PAYMENT_PROVIDER", shop.paymentProvider)] : []),
    ...(release.isTiers && is("storefront") ? [text("STOREFRONT_FRONTS_API", "on")] : []),
    ...(release.isTiers && !is("storefront") ? [text("PORT", facts.ports["http"] ?? "")] : []),
    ...edgeEnvironment(release, name),
    ...watchEnvironment(release, name),
  ];
}

/** Where the processes are, for who asks them. The audit answers over HTTP, and knows no key. */
function watchEnvironment({ watchers, places }: ShopRelease, name: string): Variable[] {
  if (!watchers.includes(name)) return [];
  const addressOf = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
  const audit = places.find((place) => place.name === "audit");
  const others = places.filter((place) => place !== audit);
  return [
    ...(audit ? [text("OPS_AUDIT", addressOf(audit))] : []),
    text("OPS_PROCESSES", others.map((place) => `${place.name}=${addressOf(place)}`).join(" ")),
  ];
}

/** What the edges have to know of what stands before them. */
function edgeEnvironment({ values: { ingress, networkPolicy, tls } }: ShopRelease, name: string): Variable[] {
  const isEdge = ["gateway", "storefront", "admin"].includes(name);
  const isBehind =
    ingress.enabled && (isEdge || name === "backend") && networkPolicy.trustedProxies.length > 0;
  return [
    ...(isBehind ? [text("TRUSTED_PROXIES", networkPolicy.trustedProxies.join(","))] : []),
    ...(isEdge ? [text(`${name.toUpperCase()}_HSTS_SECONDS`, tls.hstsSeconds)] : []),
  ];
}

/** In topology "tiers" all share the one database of the chart, each in a schema of its own. */
function databaseEnvironment(release: ShopRelease, service: Service): Variable[] {
  const isBackend = service.name === "backend";
  if (!isBackend && !service.facts.database) return [];
  const where = isBackend
    ? [fromConfig("DATABASE_HOST"), fromConfig("DATABASE_PORT"), ...postgresAccount(release)]
    : [databaseUrl(release, service.name)];
  return [
    ...where,
    text("DATABASE_SSLMODE", release.database.sslMode),
    text("DATABASE_POOL_MAX", service.databasePoolMax),
    text("REPLICAS", replicasMax(service)),
    ...authorityEnvironment(release),
  ];
}

function storesEnvironment(release: ShopRelease, { name }: Service): Variable[] {
  const { redis } = release.values;
  if (!redis.enabled) return [];
  const url = (setting: string) => fromSecret(release, setting, "redis", "url");
  return [
    url("REDIS_URL"),
    ...(["cart", "backend"].includes(name) && redis.carts ? [url("CART_REDIS_URL")] : []),
  ];
}

function ownSecrets(release: ShopRelease, { name, facts }: Service): Variable[] {
  const admin = [
    fromSecret(release, "ADMIN_EMAIL", "admin", "email"),
    fromSecret(release, "ADMIN_PASSWORD", "admin", "password"),
  ];
  const keys = ["PRODUCT_API_KEY", "ORDER_API_KEY", "PAYMENT_API_KEY"].filter((key) =>
    facts.secrets.includes(key),
  );
  return [
    ...(["user", "backend"].includes(name) ? admin : []),
    ...keys.map((key) => fromSecret(release, key, "apiKeys", key)),
  ];
}

/** How many pods of a service may run at once, those of a rollout included: the budget of connections counts them. */
export function replicasMax({ replicas, autoscaling, rollout }: Service): number {
  const pods = autoscaling.enabled ? Math.max(replicas, autoscaling.maxReplicas) : replicas;
  const surge = rollout.strategy === "rolling" ? String(rollout.maxSurge) : "100%";
  return surge.endsWith("%")
    ? pods + Math.ceil((pods * Number.parseInt(surge, 10)) / 100)
    : pods + Number(surge);
}

export function fromConfig(name: string): Variable {
  return { name, valueFrom: { configMapKeyRef: { name: "service-config", key: name } } };
}

/** One variable from one key of one secret. */
export function fromSecret(release: ShopRelease, name: string, secret: SecretName, key: string): Variable {
  return { name, valueFrom: { secretKeyRef: { name: release.secretName(secret), key } } };
}

export function text(name: string, value: unknown): Variable {
  return { name, value: String(value) };
}

export function postgresAccount(release: ShopRelease): Variable[] {
  return ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"].map((key) =>
    fromSecret(release, key, "postgres", key),
  );
}

export function databaseUrl(release: ShopRelease, service: string): Variable {
  return fromSecret(
    release,
    `${settingPrefix(service)}_DATABASE_URL`,
    "databases",
    `${service}-database-url`,
  );
}

export function settingPrefix(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}
