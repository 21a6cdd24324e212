/** The renderings that everything is tried on: every profile as it is, and what only further values turn on. */
import { profiles, type Rendering } from "./render.ts";

/** What needs an operator or a controller, and everything else that no profile turns on. */
const further: Readonly<Record<string, Rendering>> = {
  "ingress-nginx": { values: { ...entrance("nginx"), tls: { enabled: true, http: true } } },
  traefik: { values: entrance("traefik") },
  "gateway-api": {
    values: {
      shop: { url: "https://shop.example.com" },
      gatewayApi: {
        enabled: true,
        hosts: ["shop.example.com", "www.example.com"],
        gateway: { create: true, className: "envoy", tls: { enabled: true, clusterIssuer: "letsencrypt" } },
      },
    },
  },
  linkerd: { values: { mesh: { type: "linkerd" } } },
  "canary-by-gateway": {
    profile: "s0",
    values: {
      gatewayApi: { enabled: true, parentRefs: [{ name: "edge" }] },
      services: {
        storefront: {
          rollout: {
            to: "v2",
            v1: { replicas: 2, weight: 50 },
            v2: { replicas: 2, weight: 50, tag: "9.9.9" },
          },
        },
      },
    },
  },
  "canary-by-nginx": {
    profile: "s0",
    values: {
      ingress: { enabled: true },
      services: {
        storefront: {
          rollout: { to: "v2", v1: { weight: 90 }, v2: { replicas: 1, weight: 10, tag: "9.9.9" } },
        },
      },
    },
  },
  "stores-and-copies": {
    values: { redis: { enabled: true, carts: true }, rabbitmq: { enabled: true }, backup: { enabled: true } },
  },
  monitored: {
    values: {
      monitoring: {
        serviceMonitor: { enabled: true },
        adapterRule: { enabled: true },
        rules: { enabled: true, runbooks: "https://git.example.com/stoa/" },
        dashboards: { enabled: true },
      },
    },
  },
  keda: {
    values: {
      monitoring: { prometheus: { url: "http://prometheus.monitoring:9090" } },
      services: { gateway: { autoscaling: { keda: true } }, storefront: { autoscaling: { keda: true } } },
    },
  },
  "secrets-and-databases-outside": {
    profile: "prod",
    values: {
      externalDatabases: { host: "db.example.com" },
      secrets: {
        external: { enabled: true, store: { name: "vault" } },
        keys: { remoteKey: "shop/keys" },
        databases: { remoteKey: "shop/databases" },
        admin: { existing: "stoa-admin" },
      },
      postgres: { enabled: false },
    },
  },
  "nothing-by-itself": {
    values: {
      defaults: {
        autoscaling: { enabled: false },
        budget: { enabled: false },
        spread: { zones: "", hosts: "" },
      },
      networkPolicy: { enabled: false },
      audit: { enabled: false },
      spot: {
        enabled: true,
        nodeSelector: { lifecycle: "spot" },
        tolerations: [{ key: "spot", operator: "Exists" }],
      },
    },
  },
  istio: { values: { mesh: { type: "istio", istio: { telemetry: { tracingProvider: "otel" } } } } },
  stores: {
    set: {
      "redis.enabled": "true",
      "redis.carts": "true",
      "rabbitmq.enabled": "true",
      "backup.enabled": "true",
    },
  },
  "databases and secrets outside": {
    set: {
      "postgres.enabled": "false",
      "externalDatabases.host": "db.example.com",
      "externalDatabases.make": "true",
      "secrets.postgres.existing": "rds-superuser",
      "secrets.external.enabled": "true",
      "secrets.external.store.name": "vault",
      "secrets.keys.remoteKey": "shop/keys",
    },
  },
};

/** An Ingress with everything that can be said of it. */
function entrance(controller: string): NonNullable<Rendering["values"]> {
  return {
    shop: { url: "https://shop.example.com" },
    ingress: {
      enabled: true,
      controller,
      className: controller,
      tls: { enabled: true, clusterIssuer: "letsencrypt" },
      sourceRanges: ["192.0.2.0/24"],
      rateLimit: { requestsPerSecond: 50, connections: 40 },
      staff: { sourceRanges: ["198.51.100.0/24"], basicAuthSecret: "staff-password" },
    },
  };
}

export const chartRenderings: Readonly<Record<string, Rendering>> = {
  defaults: {},
  ...Object.fromEntries(profiles.map((profile) => [profile, { profile }])),
  ...further,
};

export const renderingNames: readonly string[] = Object.keys(chartRenderings);
