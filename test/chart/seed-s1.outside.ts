// The second design document line by line: three tiers in one namespace, a database with a volume, an autoscaler with a pace.
import { Release, testLines, type Line } from "./release.ts";
import { byKind } from "./render.ts";

const s1 = new Release({ profile: "s1" });
const elsewhere = new Release({ profile: "s1", namespace: "default" });

const policy = (name: string) =>
  byKind(s1.objects, "NetworkPolicy").find(({ metadata }) => metadata.name === name)?.spec;
const tierOf = (component: string) =>
  byKind(s1.objects, "Deployment").find(({ metadata }) => metadata.labels?.["component"] === component)?.spec
    .template.metadata?.labels?.["tier"];
const scaling = () => s1.scaler("storefront").spec.behavior;
const claim = () => s1.statefulSet("postgres").spec.volumeClaimTemplates?.[0];
const backup = () => byKind(s1.objects, "CronJob");

// prettier-ignore
const topology: Line[] = [
  ["S1-01", "three tiers in the namespace ecommerce", () => elsewhere.namespaces, ["ecommerce"]],
  ["S1-01", "the frontend's pods are of tier frontend, the backend's of tier backend", () => [tierOf("storefront"), tierOf("backend")], ["frontend", "backend"]],
  ["S1-01", "the database's of tier database", () => s1.statefulSet("postgres").spec.template.metadata?.labels?.["tier"], "database"],
  ["S1-55", "isolation 1: one namespace", () => elsewhere.namespaces.length, 1],
  ["S1-02", "the frontend is a LoadBalancer on port 80 (C33)", () => s1.service("frontend").spec, { type: "LoadBalancer" }],
  ["S1-18", "and of no other type", () => s1.service("frontend").spec.type, "LoadBalancer"],
  ["S1-19", "port 80 arrives at 8080", () => s1.containerPort("frontend", 80), 8080],
  ["S1-44", "outside 80, inside 8080", () => s1.containerPort("frontend", 80), 8080],
  ["S1-56", "isolation 2: nothing else is reached from outside", () => byKind(s1.objects, "Service").filter(({ spec }) => !["ClusterIP", undefined].includes(spec.type)).map(({ metadata }) => metadata.name), ["frontend"]],
  ["S1-13", "the way in: frontend, backend, database", () => [s1.mayReach("storefront", "backend", 8080), s1.mayReach("backend", "postgres", 5432)], [true, true]],
  ["S1-14", "and back by the same connections: nobody opens one the other way", () => [s1.mayReach("backend", "storefront", 8080), s1.mayReach("postgres", "backend", 8080)], [false, false]],
];

// prettier-ignore
const frontend: Line[] = [
  ["S1-15", "a Deployment", () => s1.deployment("frontend").kind, "Deployment"],
  ["S1-16", "3 to 10 pods", () => [s1.deployment("frontend").spec.replicas, s1.scale("storefront")], [3, "3-10"]],
  ["S1-17", "container port 8080", () => s1.container("storefront").ports?.find(({ name }) => name === "http")?.containerPort, 8080],
  ["S1-20", "CPU 200m (C32)", () => s1.container("storefront").resources?.requests?.["cpu"], "200m"],
  ["S1-21", "memory 256Mi", () => s1.container("storefront").resources?.requests?.["memory"], "256Mi"],
  ["S1-23", "the image is the storefront's, of a version (C30)", () => /^ecommerce\/storefront[:@]/.test(s1.container("storefront").image), true],
];

// prettier-ignore
const backend: Line[] = [
  ["S1-24", "a Deployment", () => s1.deployment("backend").kind, "Deployment"],
  ["S1-05", "2 pods", () => s1.deployment("backend").spec.replicas, 2],
  ["S1-25", "always 2 (C41)", () => s1.replicas("backend"), { backend: 2 }],
  ["S1-31", "not scaled by itself", () => s1.hasScaler("backend"), false],
  ["S1-116", "unless a value asks for it", () => new Release({ profile: "s1", values: { services: { backend: { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 5 } } } } }).scale("backend"), "2-5"],
  ["S1-26", "container port 8080", () => s1.container("backend").ports?.find(({ name }) => name === "http")?.containerPort, 8080],
  ["S1-04", "a ClusterIP Service on 8080", () => s1.service("backend-service").spec, { type: "ClusterIP" }],
  ["S1-27", "of the type ClusterIP", () => s1.service("backend-service").spec.type, "ClusterIP"],
  ["S1-28", "port 8080", () => s1.containerPort("backend-service", 8080), 8080],
  ["S1-45", "the Service's port is the container's", () => s1.containerPort("backend-service", 8080), 8080],
  ["S1-29", "CPU 300m", () => s1.container("backend").resources?.requests?.["cpu"], "300m"],
  ["S1-30", "memory 512Mi", () => s1.container("backend").resources?.requests?.["memory"], "512Mi"],
  ["S1-32", "image ecommerce/backend, of a version (C30)", () => /^ecommerce\/backend[:@]/.test(s1.container("backend").image), true],
  ["S1-42", "found at http://backend-service:8080", () => s1.config("service-config")["BACKEND_URL"], "http://backend-service:8080"],
];

// prettier-ignore
const database: Line[] = [
  ["S1-33", "a StatefulSet", () => s1.statefulSet("postgres").kind, "StatefulSet"],
  ["S1-34", "of one pod", () => s1.statefulSet("postgres").spec.replicas, 1],
  ["S1-07", "which runs PostgreSQL", () => s1.container("postgres").name, "postgres"],
  ["S1-35", "container port 5432", () => s1.container("postgres").ports?.map(({ containerPort }) => containerPort), [5432]],
  ["S1-06", "a Service on 5432", () => s1.containerPort("postgres-service", 5432), 5432],
  ["S1-36", "headless", () => s1.service("postgres-service").spec, { type: "ClusterIP", clusterIP: "None" }],
  ["S1-37", "on 5432", () => s1.service("postgres-service").spec.ports.map(({ port }) => port), [5432]],
  ["S1-46", "the Service's port is the container's", () => s1.containerPort("postgres-service", 5432), 5432],
  ["S1-38", "CPU 500m", () => s1.container("postgres").resources?.requests?.["cpu"], "500m"],
  ["S1-39", "memory 1Gi", () => s1.container("postgres").resources?.requests?.["memory"], "1Gi"],
  ["S1-41", "image postgres:15-alpine", () => /^postgres:15[\w.]*-alpine[\w.]*(@sha256:[0-9a-f]{64})?$/.test(s1.container("postgres").image), true],
  ["S1-43", "its address is postgres-service:5432, its database ecommerce_db (C28)", () => [s1.variable("backend", "DATABASE_HOST"), s1.variable("backend", "POSTGRES_DB")], ["service-config/DATABASE_HOST", "stoa-postgres/POSTGRES_DB"]],
  ["S1-66", "the pod is postgres-0 for ever", () => [s1.statefulSet("postgres").metadata.name, s1.statefulSet("postgres").spec.serviceName], ["postgres", "postgres-service"]],
  ["S1-68", "pods come in order", () => s1.statefulSet("postgres").spec.podManagementPolicy ?? "OrderedReady", "OrderedReady"],
  ["S1-105", "updated as a StatefulSet is", () => s1.statefulSet("postgres").spec.updateStrategy?.type, "RollingUpdate"],
  ["S1-70", "claim template postgres-storage", () => claim()?.metadata.name, "postgres-storage"],
  ["S1-08", "10Gi (C29)", () => claim()?.spec.resources.requests["storage"], "10Gi"],
  ["S1-40", "a claim of 10Gi", () => claim()?.spec.resources.requests["storage"], "10Gi"],
  ["S1-71", "of 10Gi", () => claim()?.spec.resources.requests["storage"], "10Gi"],
  ["S1-72", "ReadWriteOnce", () => claim()?.spec.accessModes, ["ReadWriteOnce"]],
  ["S1-73", "mounted at /var/lib/postgresql/data", () => s1.container("postgres").volumeMounts?.find(({ name }) => name === "postgres-storage")?.mountPath, "/var/lib/postgresql/data"],
  ["S1-67", "storage that survives a restart: the data are on the claim", () => s1.variable("postgres", "PGDATA")?.startsWith("/var/lib/postgresql/data"), true],
  ["S1-74", "and a deleted set", () => (s1.statefulSet("postgres").spec as { persistentVolumeClaimRetentionPolicy?: unknown }).persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" }],
  ["S1-69", "nothing else keeps anything: no other pod has a claim but the copies of the database", () => byKind(s1.objects, "Deployment").filter(({ spec }) => spec.template.spec.volumes?.some((volume) => volume.persistentVolumeClaim)), []],
];

// prettier-ignore
const configuration: Line[] = [
  ["S1-09", "frontend and backend take settings from a ConfigMap", () => [s1.variable("storefront", "GATEWAY_URL"), s1.variable("backend", "DATABASE_HOST")], ["service-config/GATEWAY_URL", "service-config/DATABASE_HOST"]],
  ["S1-10", "backend and database take credentials from a Secret", () => [s1.variable("backend", "POSTGRES_PASSWORD"), s1.variable("postgres", "POSTGRES_PASSWORD")], ["stoa-postgres/POSTGRES_PASSWORD", "stoa-postgres/POSTGRES_PASSWORD"]],
  ["S1-47", "DATABASE_HOST", () => s1.config("service-config")["DATABASE_HOST"], "postgres-service"],
  ["S1-48", "DATABASE_PORT", () => s1.config("service-config")["DATABASE_PORT"], "5432"],
  ["S1-49", "BACKEND_URL", () => s1.config("service-config")["BACKEND_URL"], "http://backend-service:8080"],
  ["S1-50", "POSTGRES_USER is ecommerce_user, by the job that makes the Secret", () => JSON.stringify(byKind(s1.objects, "Job")).includes("ecommerce_user"), true],
  ["S1-51", "POSTGRES_PASSWORD is made, and is not the one of the document", () => JSON.stringify(s1.objects).includes("changeme123"), false],
  ["S1-52", "POSTGRES_DB is ecommerce_db, by the same job", () => JSON.stringify(byKind(s1.objects, "Job")).includes("ecommerce_db"), true],
  ["S1-58", "isolation 4: credentials are in Secrets and reach pods as variables", () => s1.secretKeys.filter((key) => key.startsWith("stoa-postgres/")), ["stoa-postgres/POSTGRES_DB", "stoa-postgres/POSTGRES_PASSWORD", "stoa-postgres/POSTGRES_USER"]],
];

// prettier-ignore
const network: Line[] = [
  ["S1-11", "a policy lets the frontend reach the backend", () => s1.mayReach("storefront", "backend", 8080), true],
  ["S1-12", "a policy lets the backend reach the database", () => s1.mayReach("backend", "postgres", 5432), true],
  ["S1-53", "pods of tier frontend reach pods of tier backend on 8080", () => policy("frontend-to-backend"), { podSelector: { matchLabels: { tier: "backend" } }, ingress: [{ from: [{ podSelector: { matchLabels: { tier: "frontend" } } }], ports: [{ port: 8080 }] }] }],
  ["S1-53", "nobody else reaches the backend", () => s1.whoReaches("backend", 8080), ["storefront"]],
  ["S1-54", "pods of tier backend reach pods of tier database on 5432", () => policy("backend-to-database"), { podSelector: { matchLabels: { tier: "database" } }, ingress: [{ from: [{ podSelector: { matchLabels: { tier: "backend" } } }], ports: [{ port: 5432 }] }] }],
  ["S1-54", "the frontend does not reach the database", () => s1.whoReaches("postgres", 5432).includes("storefront"), false],
  ["S1-57", "isolation 3: the database reaches nobody", () => [s1.mayReach("postgres", "backend", 8080), s1.mayReach("postgres", "storefront", 8080)], [false, false]],
];

// prettier-ignore
const pace: Line[] = [
  ["S1-03", "frontend: at least 3, at most 10 (C09)", () => s1.scale("storefront"), "3-10"],
  ["S1-22", "above 70 % CPU", () => s1.cpuTarget("storefront"), 70],
  ["S1-59", "below it stays at 3", () => s1.scaler("storefront").spec.minReplicas, 3],
  ["S1-60", "above it goes up to 10", () => s1.scaler("storefront").spec.maxReplicas, 10],
  ["S1-61", "one pod at a time (C12)", () => scaling()?.scaleUp?.policies, [{ type: "Pods", value: 1, periodSeconds: 180 }]],
  ["S1-62", "three minutes apart", () => scaling()?.scaleUp?.policies?.[0]?.periodSeconds, 180],
  ["S1-63", "down to 3 and no further", () => s1.scaler("storefront").spec.minReplicas, 3],
  ["S1-64", "one pod at a time", () => scaling()?.scaleDown?.policies?.[0], { type: "Pods", value: 1 }],
  ["S1-65", "five minutes apart", () => scaling()?.scaleDown?.policies?.[0]?.periodSeconds, 300],
];

// prettier-ignore
const availability: Line[] = [
  ["S1-79", "3 and more in front, 2 behind", () => [s1.scaler("storefront").spec.minReplicas, s1.deployment("backend").spec.replicas], [3, 2]],
  ["S1-82", "pods are spread over zones", () => ["storefront", "backend"].map((name) => s1.pod(name).topologySpreadConstraints?.[0]?.topologyKey), ["topology.kubernetes.io/zone", "topology.kubernetes.io/zone"]],
  ["S1-83", "budgets for both", () => ["backend", "storefront"].filter((name) => byKind(s1.objects, "PodDisruptionBudget").some(({ metadata }) => metadata.labels?.["component"] === name)), ["backend", "storefront"]],
  ["S1-84", "liveness and readiness, of the database too", () => ["storefront", "backend", "postgres"].map((name) => [s1.container(name).livenessProbe, s1.container(name).readinessProbe].every(Boolean)), [true, true, true]],
  ["S1-85", "limits as well as requests", () => ["storefront", "backend", "postgres"].map((name) => s1.resources(name).includes("undefined")), [false, false, false]],
  ["S1-81", "a database outside, by value", () => new Release({ profile: "s1", values: { postgres: { enabled: false }, externalDatabases: { host: "db.example.com" } } }).config("service-config")["DATABASE_HOST"], "db.example.com"],
  ["S1-102", "frontend and backend: 25 % may be missing (C13)", () => [s1.strategy("storefront"), s1.strategy("backend")], ["RollingUpdate 25%/25%", "RollingUpdate 25%/25%"]],
  ["S1-103", "25 % may be more", () => s1.deployment("backend").spec.strategy?.rollingUpdate?.maxSurge, "25%"],
  ["S1-104", "a new pod is ready before an old one goes: readiness decides", () => s1.probe("backend", "readiness").path, "/ready"],
  ["S1-118", "less important work on nodes that may go, by value", () => new Release({ profile: "s1", values: { spot: { enabled: true, services: ["storefront"], nodeSelector: { lifecycle: "spot" } } } }).pod("storefront").nodeSelector, { lifecycle: "spot" }],
];

// prettier-ignore
const copies: Line[] = [
  ["S1-110", "a copy every day", () => backup().find(({ metadata }) => metadata.name === "backup")?.spec.schedule.trim().split(/\s+/).slice(2), ["*", "*", "*"]],
  ["S1-111", "kept for 30 days", () => JSON.stringify(backup().find(({ metadata }) => metadata.name === "backup")?.spec.jobTemplate).includes('"30"'), true],
  ["S1-112", "by pg_dump", () => JSON.stringify([s1.config("backup"), backup()]).includes("pg_dump"), true],
  ["S1-113", "put back every month, to see that it can be", () => backup().find(({ metadata }) => metadata.name === "restore-test")?.spec.schedule.trim().split(/\s+/).slice(3), ["*", "*"]],
];

testLines([
  ...topology,
  ...frontend,
  ...backend,
  ...database,
  ...configuration,
  ...network,
  ...pace,
  ...availability,
  ...copies,
]);
