// The first design document line by line: a canary of the frontend, a gateway in two colours, configuration, targets.
import { parse } from "yaml";
import { Release, testLines, type Line } from "./release.ts";
import { byKind } from "./render.ts";
import { labelKeys } from "./rules/content.ts";

const s0 = new Release({ profile: "s0" });
const anywhere = new Release({ profile: "s0", namespace: "default" });

/** The profile with a canary in one of its steps, weighted by the Gateway API. */
function canary(v1: [number, number], v2: [number, number], active = "v1"): Release {
  const slot = ([replicas, weight]: [number, number]) => ({ replicas, weight });
  return new Release({
    profile: "s0",
    values: {
      gatewayApi: { enabled: true, parentRefs: [{ name: "shop" }] },
      services: { storefront: { rollout: { active, v1: slot(v1), v2: slot(v2), router: "gatewayApi" } } },
    },
  });
}

function gateway(active: string, blue: number, green: number): Release {
  const rollout = { active, blue: { replicas: blue }, green: { replicas: green } };
  return new Release({ profile: "s0", values: { services: { gateway: { rollout } } } });
}

/** Shares of the pages' traffic, as the route to them says. */
function weights(release: Release): Record<string, number> {
  const route = release.objects.find(
    ({ kind, metadata }) => kind === "HTTPRoute" && metadata.name === "shop",
  );
  const { rules = [] } = (route?.spec ?? {}) as {
    rules?: { matches?: { path: { value: string } }[]; backendRefs: { name: string; weight: number }[] }[];
  };
  const pages = rules.find(({ matches = [] }) => matches.some(({ path }) => path.value === "/"));
  const refs = (pages?.backendRefs ?? []).filter(({ weight }) => weight > 0);
  return Object.fromEntries(refs.map(({ name, weight }) => [name, weight]));
}

/** The colour that the gateway's Service means. */
const colour = (release: Release): string | undefined => release.service("gateway").spec.selector?.["slot"];

// prettier-ignore
const probes: Line[] = [
  ["S0-16", "frontend startup: GET /, first after 5 s, 30 failures", () => s0.probe("storefront", "startup"), { path: "/", initialDelaySeconds: 5, failureThreshold: 30 }],
  ["S0-17", "frontend readiness: GET / every 5 s, 3 failures", () => s0.probe("storefront", "readiness"), { path: "/", periodSeconds: 5, failureThreshold: 3 }],
  ["S0-18", "frontend liveness: GET / every 10 s, 3 failures", () => s0.probe("storefront", "liveness"), { path: "/", periodSeconds: 10, failureThreshold: 3 }],
  ["S0-26", "gateway startup: GET /health, first after 10 s, 30 failures", () => s0.probe("gateway", "startup"), { path: "/health", initialDelaySeconds: 10, failureThreshold: 30 }],
  ["S0-27", "gateway readiness: GET /ready every 5 s, 3 failures", () => s0.probe("gateway", "readiness"), { path: "/ready", periodSeconds: 5, failureThreshold: 3 }],
  ["S0-28", "gateway liveness: GET /health every 10 s, 3 failures", () => s0.probe("gateway", "liveness"), { path: "/health", periodSeconds: 10, failureThreshold: 3 }],
  ["S0-32", "product startup: GET /status/200, first after 5 s", () => s0.probe("catalog", "startup"), { path: "/status/200", initialDelaySeconds: 5 }],
  ["S0-33", "product readiness: GET /status/200 every 5 s", () => s0.probe("catalog", "readiness"), { path: "/status/200", periodSeconds: 5 }],
  ["S0-34", "product liveness: GET /status/200 every 10 s", () => s0.probe("catalog", "liveness"), { path: "/status/200", periodSeconds: 10 }],
  ["S0-37", "order startup: GET /status/200, first after 5 s", () => s0.probe("order", "startup"), { path: "/status/200", initialDelaySeconds: 5 }],
  ["S0-38", "order readiness: GET /status/200 every 5 s", () => s0.probe("order", "readiness"), { path: "/status/200", periodSeconds: 5 }],
  ["S0-39", "order liveness: GET /status/200 every 10 s", () => s0.probe("order", "liveness"), { path: "/status/200", periodSeconds: 10 }],
];

// prettier-ignore
const rollouts: Line[] = [
  ["S0-03", "the frontend is rolled out as a canary: two versions beside each other", () => Object.keys(s0.replicas("storefront")), ["frontend-v1", "frontend-v2"]],
  ["S0-06", "the gateway is rolled out in two colours", () => Object.keys(s0.replicas("gateway")), ["gateway-blue", "gateway-green"]],
  ["S0-08", "the product service is updated pod by pod", () => s0.deployment("catalog").spec.strategy?.type, "RollingUpdate"],
  ["S0-09", "the order service is updated pod by pod", () => s0.deployment("order").spec.strategy?.type, "RollingUpdate"],
  ["S0-12", "a canary begins with 3 pods of v1", () => s0.replicas("storefront"), { "frontend-v1": 3, "frontend-v2": 0 }],
  ["S0-12", "and all traffic for v1", () => Object.values(weights(canary([3, 100], [0, 0]))), [100]],
  ["S0-13", "step 1: 3 pods of v1 and 1 of v2", () => canary([3, 90], [1, 10]).replicas("storefront"), { "frontend-v1": 3, "frontend-v2": 1 }],
  ["S0-13", "with 90 and 10 % of the traffic, whatever the number of pods (C35)", () => weights(canary([3, 90], [1, 10])), { "frontend-v1": 90, "frontend-v2": 10 }],
  ["S0-14", "step 2: 2 pods of each", () => canary([2, 50], [2, 50]).replicas("storefront"), { "frontend-v1": 2, "frontend-v2": 2 }],
  ["S0-14", "with half of the traffic each", () => weights(canary([2, 50], [2, 50])), { "frontend-v1": 50, "frontend-v2": 50 }],
  ["S0-15", "step 3: 3 pods of v2 and none of v1", () => canary([0, 0], [3, 100], "v2").replicas("storefront"), { "frontend-v1": 0, "frontend-v2": 3 }],
  ["S0-15", "with all of the traffic", () => Object.values(weights(canary([0, 0], [3, 100], "v2"))), [100]],
  ["S0-77", "a canary is taken back by the same values the other way round", () => canary([3, 100], [0, 0]).replicas("storefront"), { "frontend-v1": 3, "frontend-v2": 0 }],
  ["S0-22", "blue-green begins with 3 pods of blue", () => s0.replicas("gateway"), { "gateway-blue": 3, "gateway-green": 0 }],
  ["S0-22", "which the Service means", () => colour(s0), "blue"],
  ["S0-23", "step 1: green has 3 pods as well", () => gateway("blue", 3, 3).replicas("gateway"), { "gateway-blue": 3, "gateway-green": 3 }],
  ["S0-23", "and blue still has the traffic", () => colour(gateway("blue", 3, 3)), "blue"],
  ["S0-23", "while green is under test behind a Service of its own", () => gateway("blue", 3, 3).service("gateway-preview").spec.selector?.["slot"], "green"],
  ["S0-24", "step 2: the Service means green", () => colour(gateway("green", 3, 3)), "green"],
  ["S0-24", "and blue stands by with 3 pods", () => gateway("green", 3, 3).replicas("gateway"), { "gateway-blue": 3, "gateway-green": 3 }],
  ["S0-25", "step 3: blue has no pods", () => gateway("green", 0, 3).replicas("gateway"), { "gateway-blue": 0, "gateway-green": 3 }],
  ["S0-78", "the gateway is switched back by its Service alone", () => colour(gateway("blue", 3, 3)), "blue"],
  ["S0-35", "product: one pod more during an update (C13)", () => s0.strategy("catalog"), "RollingUpdate 1/0"],
  ["S0-36", "product: none less", () => s0.deployment("catalog").spec.strategy?.rollingUpdate?.maxUnavailable, 0],
  ["S0-40", "order: one pod more during an update", () => s0.deployment("order").spec.strategy?.rollingUpdate?.maxSurge, 1],
  ["S0-41", "order: none less", () => s0.deployment("order").spec.strategy?.rollingUpdate?.maxUnavailable, 0],
  ["S0-79", "kubectl rollout undo has versions to go back to", () => Number(s0.deployment("catalog").spec.revisionHistoryLimit) >= 1, true],
  ["S0-84", "no update takes a pod away before its successor is there", () => byKind(s0.objects, "Deployment").filter(({ metadata, spec }) => metadata.labels?.["component"] !== "audit" && spec.strategy?.rollingUpdate?.maxUnavailable !== 0), []],
];

// prettier-ignore
const scaling: Line[] = [
  ["S0-04", "the frontend scales on CPU", () => s0.scaler("storefront").spec.metrics?.map(({ resource }) => resource?.name), ["cpu"]],
  ["S0-07", "the gateway scales on requests a second", () => s0.scaler("gateway").spec.metrics?.map(({ pods }) => pods?.metric.name), ["http_requests_per_second"]],
  ["S0-19", "frontend: at least 2 pods (C09)", () => s0.scaler("storefront").spec.minReplicas, 2],
  ["S0-20", "frontend: at most 10", () => s0.scaler("storefront").spec.maxReplicas, 10],
  ["S0-21", "frontend: 70 % CPU, within 50–80 % (C11)", () => s0.cpuTarget("storefront"), 70],
  ["S0-29", "gateway: at least 2 pods", () => s0.scaler("gateway").spec.minReplicas, 2],
  ["S0-30", "gateway: at most 8 (C10)", () => s0.scaler("gateway").spec.maxReplicas, 8],
  ["S0-31", "gateway: above 100 requests a second and pod", () => Number(s0.scaler("gateway").spec.metrics?.[0]?.pods?.target.averageValue), 100],
  ["S0-82", "at most 10 and 8 pods", () => [s0.scale("storefront"), s0.scale("gateway")], ["2-10", "2-8"]],
  ["S0-83", "the first further pod is asked for at once (C12)", () => s0.scaler("storefront").spec.behavior?.scaleUp?.stabilizationWindowSeconds, 0],
  ["S0-83", "and may be ready within 30 s: it is probed from its first seconds", () => Number(s0.probe("storefront", "startup").initialDelaySeconds) + Number(s0.probe("storefront", "startup").periodSeconds) <= 15, true],
];

// prettier-ignore
const configuration: Line[] = [
  ["S0-10", "ConfigMaps hold URLs and flags", () => [s0.config("service-config"), s0.config("feature-flags")].map((data) => Object.keys(data).length > 2), [true, true]],
  ["S0-42", "SERVICE_URLS.PRODUCT_SERVICE (C37)", () => s0.config("service-config")["SERVICE_URLS.PRODUCT_SERVICE"], "http://product-service:8080"],
  ["S0-43", "SERVICE_URLS.ORDER_SERVICE", () => s0.config("service-config")["SERVICE_URLS.ORDER_SERVICE"], "http://order-service:8080"],
  ["S0-44", "FEATURES.ENABLE_CHECKOUT is true", () => s0.config("feature-flags")["FEATURES.ENABLE_CHECKOUT"], "true"],
  ["S0-45", "FEATURES.ENABLE_RECOMMENDATIONS is false (C38)", () => s0.config("feature-flags")["FEATURES.ENABLE_RECOMMENDATIONS"], "false"],
  ["S0-46", "FEATURES.MAINTENANCE_MODE is false", () => s0.config("feature-flags")["FEATURES.MAINTENANCE_MODE"], "false"],
  ["S0-44", "the mounted features.yaml says the same (C37)", () => parse(s0.config("feature-flags")["features.yaml"] ?? "") as unknown, { ENABLE_CHECKOUT: "true", ENABLE_RECOMMENDATIONS: "false", MAINTENANCE_MODE: "false" }],
  ["S0-44", "and every service reads that file", () => byKind(s0.objects, "Deployment").filter(({ spec }) => spec.template.spec.containers.some(({ args, env = [] }) => args?.[0] === "serve" && args[1] !== "audit" && !env.some(({ name, value }) => name === "FLAGS_FILE" && value === "/config/flags/features.yaml"))), []],
  ["S0-11", "API keys are in a Secret, of which pods take single keys", () => s0.secretKeys.filter((key) => key.startsWith("api-keys/")), ["api-keys/ORDER_API_KEY", "api-keys/PAYMENT_API_KEY", "api-keys/PRODUCT_API_KEY"]],
  ["S0-47", "PRODUCT_API_KEY reaches the gateway, where programs call", () => s0.variable("gateway", "PRODUCT_API_KEY"), "api-keys/PRODUCT_API_KEY"],
  ["S0-48", "ORDER_API_KEY reaches the gateway", () => s0.variable("gateway", "ORDER_API_KEY"), "api-keys/ORDER_API_KEY"],
  ["S0-49", "PAYMENT_API_KEY reaches payment", () => s0.variable("payment", "PAYMENT_API_KEY"), "api-keys/PAYMENT_API_KEY"],
  ["S0-71", "they are made by a job, so that no value is in the chart", () => byKind(s0.objects, "Job").some(({ spec }) => JSON.stringify(spec).includes("api-keys")), true],
  ["S0-50", "everything is in the namespace ecommerce, wherever the release is", () => anywhere.namespaces, ["ecommerce"]],
];

// prettier-ignore
const network: Line[] = [
  ["S0-01", "frontend to gateway", () => s0.mayReach("storefront", "gateway", 3000), true],
  ["S0-01", "gateway to product and order service", () => [s0.mayReach("gateway", "catalog", 3550), s0.mayReach("gateway", "order", 3003)], [true, true]],
  ["S0-02", "the frontend is the storefront (C06)", () => s0.container("storefront").args, ["serve", "storefront"]],
  ["S0-05", "the gateway leads to the services behind it (C07)", () => s0.variable("gateway", "CATALOG_URL"), "service-config/CATALOG_URL"],
  ["S0-51", "frontend Service: 10.96.1.10, port 80 (C34)", () => s0.service("frontend").spec, { clusterIP: "10.96.1.10", type: "ClusterIP" }],
  ["S0-51", "which arrives at the pages", () => s0.containerPort("frontend", 80), 8080],
  ["S0-52", "gateway Service: 10.96.1.20, port 80 (C34)", () => s0.service("gateway").spec.clusterIP, "10.96.1.20"],
  ["S0-52", "which arrives at the API", () => s0.containerPort("gateway", 80), 3000],
  ["S0-53", "the product service answers on 8080 (C05)", () => s0.containerPort("product-service", 8080), 8080],
  ["S0-54", "the order service answers on 8080", () => s0.containerPort("order-service", 8080), 8080],
  ["S0-69", "what no policy names is denied, both ways", () => byKind(s0.objects, "NetworkPolicy").find(({ metadata }) => metadata.name === "default-deny")?.spec, { policyTypes: ["Ingress", "Egress"] }],
  ["S0-69", "the frontend cannot reach a service behind the gateway", () => [s0.mayReach("storefront", "catalog", 3550), s0.mayReach("storefront", "order", 3003), s0.mayReach("storefront", "postgres", 5432)], [false, false, false]],
  ["S0-70", "every service has an account of its own, without a token", () => [...new Set(byKind(s0.objects, "Deployment").map(({ spec }) => spec.template.spec.automountServiceAccountToken))], [false]],
];

// prettier-ignore
const resources: Line[] = [
  ["S0-55", "frontend: 100m/200m, 128Mi/256Mi (C32)", () => s0.resources("storefront"), "cpu 100m/200m, memory 128Mi/256Mi"],
  ["S0-56", "gateway: 100m/300m, 128Mi/256Mi", () => s0.resources("gateway"), "cpu 100m/300m, memory 128Mi/256Mi"],
  ["S0-57", "product: 50m/100m, 64Mi/128Mi", () => s0.resources("catalog"), "cpu 50m/100m, memory 64Mi/128Mi"],
  ["S0-58", "order: 50m/100m, 64Mi/128Mi", () => s0.resources("order"), "cpu 50m/100m, memory 64Mi/128Mi"],
  ["S0-73", "nothing runs without limits", () => byKind(s0.objects, "Deployment").filter(({ spec }) => spec.template.spec.containers.some(({ resources: each }) => !each?.limits?.["cpu"] || !each.limits["memory"])), []],
  ["S0-72", "images are pinned, never latest (C30)", () => s0.container("catalog").image.replace(/:[^:]+$/, ""), "ecommerce/catalog"],
];

const labels: Line[] = labelKeys
  .slice(0, 5)
  .map((key, at) => [
    `S0-${64 + at}`,
    `everything has the label ${key}`,
    () =>
      s0.objects
        .filter(({ metadata }) => !metadata.labels?.[key])
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    [],
  ]);

testLines([...rollouts, ...probes, ...scaling, ...configuration, ...network, ...resources, ...labels]);
testLines([
  [
    "S0-67",
    "environment is one of dev, staging and prod",
    () => [...new Set(s0.objects.map(({ metadata }) => metadata.labels?.["environment"]))],
    ["prod"],
  ],
  [
    "S0-68",
    "managed-by is helm",
    () => [...new Set(s0.objects.map(({ metadata }) => metadata.labels?.["managed-by"]))],
    ["helm"],
  ],
]);
