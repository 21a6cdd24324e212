/** What runs once or now and then: making secrets and databases, migrating, auditing, copying. */
import { databaseUrl, fromConfig, fromSecret, postgresAccount, text, type Variable } from "./environment.ts";
import { authorityEnvironment, authorityMounts, authorityVolumes, hasAuthority } from "./authority.ts";
import { contentHash, unlessEmpty, type KubernetesObject, type ShopRelease } from "./shop-release.ts";
import { claim, serverImage, serverPlacement, serverSecurity } from "./state.ts";
import { chartFile, type Fields, type SecretName } from "./values.ts";
import { containerSecurity, memoryFolder, placement, podSecurity, quietAccount } from "./workloads.ts";

/** A Job whose name follows from everything it is made of: an upgrade that changes nothing makes no new one, any other one beside the old. */
function job(release: ShopRelease, component: string, pod: Fields): KubernetesObject {
  const labels = release.labels(component);
  const { backoffLimit } = release.values.jobs;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${component}-${contentHash({ labels, pod, backoffLimit }).slice(0, 10)}`,
      namespace: release.namespace,
      labels,
    },
    spec: { backoffLimit, template: { metadata: { labels }, spec: pod } },
  };
}

/** The pod of a command of the tools image. */
function toolsPod(
  release: ShopRelease,
  component: string,
  args: string[],
  more: { env?: Variable[]; hasToken?: boolean },
): Fields {
  const { jobs, image } = release.values;
  return {
    serviceAccountName: component,
    automountServiceAccountToken: more.hasToken ?? false,
    enableServiceLinks: false,
    restartPolicy: "OnFailure",
    imagePullSecrets: release.pullSecrets,
    securityContext: podSecurity,
    containers: [
      {
        name: component,
        image: release.image("tools"),
        imagePullPolicy: image.pullPolicy,
        args,
        env: unlessEmpty(more.env ?? []),
        resources: jobs.resources,
        securityContext: containerSecurity,
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...authorityMounts(release)],
      },
    ],
    volumes: [memoryFolder("tmp", "16Mi"), ...authorityVolumes(release)],
    nodeSelector: unlessEmpty(jobs.nodeSelector),
    tolerations: unlessEmpty(jobs.tolerations),
  };
}

/** Makes the secrets that nobody brings, once, and changes none that is there. */
export function secretsJob(release: ShopRelease): KubernetesObject[] {
  const { application, environment, secrets } = release.values;
  const made = madeSecrets(release);
  if (made.length === 0) return [];
  const postgresSecret = release.secretName("postgres");
  const { host, port } = release.database;
  const args = [
    ...["secrets", "make", "--kubernetes", "--only", made.join(","), "--postgres", `${host}:${port}`],
    ...(release.isTiers ? ["--postgres-user", "ecommerce_user", "--postgres-database", "ecommerce_db"] : []),
    ...(secrets.postgres.existing ? ["--postgres-secret", postgresSecret] : []),
    ...["--admin-email", secrets.admin.email, "--labels"],
    `app=${application},component=secrets,environment=${environment},app.kubernetes.io/part-of=${application}`,
  ];
  const read = [
    postgresSecret,
    "stoa-databases",
    ...made.map((name) => (name === "api-keys" ? name : `stoa-${name}`)),
  ];
  const rules = [
    { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    { apiGroups: [""], resources: ["secrets"], resourceNames: [...new Set(read)].sort(), verbs: ["get"] },
  ];
  const api = "rbac.authorization.k8s.io";
  const metadata = release.metadata("secrets", "secrets");
  return [
    quietAccount(release, "secrets"),
    { apiVersion: `${api}/v1`, kind: "Role", metadata, rules },
    {
      apiVersion: `${api}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: api, kind: "Role", name: "secrets" },
      subjects: [{ kind: "ServiceAccount", name: "secrets", namespace: release.namespace }],
    },
    job(release, "secrets", toolsPod(release, "secrets", args, { hasToken: true })),
  ];
}

/** Those that this installation reads and nobody else brings, as words of `stoa secrets make --only`. */
function madeSecrets(release: ShopRelease): string[] {
  const { secrets, postgres, redis, rabbitmq } = release.values;
  const read: Readonly<Record<SecretName, boolean>> = {
    keys: true,
    postgres: postgres.enabled,
    databases: !release.isTiers,
    redis: redis.enabled,
    rabbitmq: rabbitmq.enabled,
    admin: true,
    apiKeys: true,
  };
  if (!secrets.make) return [];
  return (Object.keys(read) as SecretName[])
    .filter((name) => read[name] && !secrets[name].existing)
    .filter((name) => !(secrets.external.enabled && secrets[name].remoteKey))
    .map((name) => (name === "apiKeys" ? "api-keys" : name));
}

/** One database and one role for each service, and a reading role for the audit. */
export function databasesJob(release: ShopRelease): KubernetesObject[] {
  const { postgres, externalDatabases } = release.values;
  if (release.isTiers || !(postgres.enabled || externalDatabases.make)) return [];
  const env = [
    fromSecret(release, "DATABASE_URL", "databases", "database-url"),
    ...allDatabases(release, readers(release)),
  ];
  return [
    quietAccount(release, "databases"),
    job(
      release,
      "databases",
      toolsPod(release, "databases", ["databases", "make", "--wait", "900"], { env }),
    ),
  ];
}

export function migrateJob(release: ShopRelease): KubernetesObject[] {
  if (!release.values.jobs.migrate.enabled) return [];
  const pod = toolsPod(release, "migrate", ["migrate", "--wait", "900"], { env: allDatabases(release, []) });
  return [quietAccount(release, "migrate"), job(release, "migrate", pod)];
}

/** Every database by the URL that its service uses; in topology "tiers" the one, which its own account enters. */
function allDatabases(release: ShopRelease, more: Variable[]): Variable[] {
  const urls = release.facts.services.flatMap(({ name, database }) =>
    database ? [databaseUrl(release, name)] : [],
  );
  return [
    ...(release.isTiers ? oneDatabase(release) : [...urls, ...more]),
    text("DATABASE_SSLMODE", release.database.sslMode),
    ...authorityEnvironment(release),
  ];
}

function oneDatabase(release: ShopRelease): Variable[] {
  const { host, port } = release.database;
  return [text("DATABASE_HOST", host), text("DATABASE_PORT", port), ...postgresAccount(release)];
}

/** What the audit reads: its role in services.json says which databases. */
function readers(release: ShopRelease): Variable[] {
  return (release.factsOf("audit").reads ?? []).map(({ service, setting }) =>
    fromSecret(release, setting, "databases", `audit-${service}-database-url`),
  );
}

/** Checks the books of all services against each other, as long as the shop runs. */
export function audit(release: ShopRelease): KubernetesObject[] {
  const { audit: said, settings, image } = release.values;
  if (!said.enabled) return [];
  const { command, ports } = release.factsOf("audit");
  const isAlive = { httpGet: { path: "/health", port: "operations" } };
  const labels = release.labels("audit");
  return [
    quietAccount(release, "audit"),
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: release.metadata("audit", "audit"),
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: release.selector("audit") },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: "audit",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            imagePullSecrets: release.pullSecrets,
            terminationGracePeriodSeconds: 30,
            securityContext: podSecurity,
            ...placement(release, { ...said, name: "audit", spread: { zones: "", hosts: "" } }),
            containers: [
              {
                name: "audit",
                image: release.image("audit", said.image),
                imagePullPolicy: image.pullPolicy,
                args: command,
                ports: [{ name: "operations", containerPort: ports["operations"] }],
                env: [
                  fromConfig("SHOP_CURRENCY"),
                  text("LOG_LEVEL", settings["LOG_LEVEL"] ?? "info"),
                  text("AUDIT_SECONDS", said.everySeconds),
                  ...(release.isTiers ? oneDatabase(release) : readers(release)),
                  text("DATABASE_SSLMODE", release.database.sslMode),
                  ...authorityEnvironment(release),
                ],
                startupProbe: { ...isAlive, periodSeconds: 1, failureThreshold: 60 },
                readinessProbe: { httpGet: { path: "/ready", port: "operations" }, periodSeconds: 10 },
                livenessProbe: { ...isAlive, periodSeconds: 10, timeoutSeconds: 5 },
                resources: said.resources,
                securityContext: containerSecurity,
                volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...authorityMounts(release)],
              },
            ],
            volumes: [memoryFolder("tmp", "16Mi"), ...authorityVolumes(release)],
          },
        },
      },
    },
  ];
}

/** Copies of every database by pg_dump, on a volume of their own, put back for a test once a month. */
export function backup(release: ShopRelease): KubernetesObject[] {
  const said = release.values.backup;
  if (!said.enabled) return [];
  const { existingClaim } = said.storage;
  const volume: KubernetesObject = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: release.metadata("backup", "backup", { annotations: { "helm.sh/resource-policy": "keep" } }),
    spec: claim(said.storage),
  };
  return [
    quietAccount(release, "backup"),
    ...(existingClaim ? [] : [volume]),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: release.metadata("backup", "backup"),
      data: {
        "backup.sh": chartFile("files/backup.sh"),
        "restore-test.sh": chartFile("files/restore-test.sh"),
      },
    },
    scheduled(release, "backup", { schedule: said.schedule, script: "backup.sh", deadline: 21600, tries: 6 }),
    ...(said.restoreTest.enabled
      ? [
          scheduled(release, "restore-test", {
            schedule: said.restoreTest.schedule,
            script: "restore-test.sh",
            deadline: 86400,
            tries: 2,
          }),
        ]
      : []),
    ...(said.atInstall ? [job(release, "backup", backupPod(release, "backup.sh"))] : []),
  ];
}

interface Schedule {
  readonly schedule: string;
  readonly script: string;
  /** Within how many seconds one that was missed is made up for. */
  readonly deadline: number;
  readonly tries: number;
}

function scheduled(
  release: ShopRelease,
  name: string,
  { schedule, script, deadline, tries }: Schedule,
): KubernetesObject {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: release.metadata(name, "backup"),
    spec: {
      schedule,
      timeZone: release.values.backup.timeZone,
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: deadline,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: tries,
          template: { metadata: { labels: release.labels("backup") }, spec: backupPod(release, script) },
        },
      },
    },
  };
}

function backupPod(release: ShopRelease, script: string): Fields {
  const { backup: said, postgres, image, externalDatabases } = release.values;
  const { host, port, sslMode } = release.database;
  const account = { PGUSER: "POSTGRES_USER", PGPASSWORD: "POSTGRES_PASSWORD", PGDATABASE: "POSTGRES_DB" };
  return {
    serviceAccountName: "backup",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "OnFailure",
    imagePullSecrets: release.pullSecrets,
    securityContext: serverSecurity(postgres),
    ...serverPlacement(said),
    containers: [
      {
        name: "backup",
        image: serverImage(postgres),
        imagePullPolicy: image.pullPolicy,
        command: ["sh", `/scripts/${script}`],
        env: [
          text("PGHOST", host),
          text("PGPORT", port),
          text("PGSSLMODE", sslMode),
          ...Object.entries(account).map(([name, key]) => fromSecret(release, name, "postgres", key)),
          text("KEEP_DAYS", said.keepDays),
          ...(hasAuthority(release)
            ? [text("PGSSLROOTCERT", `/config/database-ca/${externalDatabases.ca.key}`)]
            : []),
        ],
        resources: said.resources,
        securityContext: containerSecurity,
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMounts: [
          { name: "backup", mountPath: "/backup" },
          { name: "scripts", mountPath: "/scripts", readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
          ...authorityMounts(release),
        ],
      },
    ],
    volumes: [
      { name: "backup", persistentVolumeClaim: { claimName: said.storage.existingClaim || "backup" } },
      { name: "scripts", configMap: { name: "backup" } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ...authorityVolumes(release),
    ],
  };
}
