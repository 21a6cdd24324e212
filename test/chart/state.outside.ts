// What keeps state, and what runs once: PostgreSQL, Redis, secrets, databases, migrations, the audit, backups.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { clusterSecrets } from "../../commands/kubernetes-secrets.ts";
import { readCommandLine } from "../../commands/command-line.ts";
import { commands } from "../../commands/index.ts";
import type { AnyObject, Container, Job } from "./objects.ts";
import { byKind, find, podsOf, render, renderText, withoutHelm, type Rendering } from "./render.ts";

const everything: Rendering = {
  set: {
    "redis.enabled": "true",
    "redis.carts": "true",
    "rabbitmq.enabled": "true",
    "backup.enabled": "true",
  },
};

const only = (containers: readonly Container[]): Container => {
  assert.equal(containers.length, 1);
  return containers[0] as Container;
};

function jobOf(objects: readonly AnyObject[], component: string): Job {
  const jobs = byKind(objects, "Job").filter(({ metadata }) => metadata.labels?.["component"] === component);
  assert.equal(jobs.length, 1, component);
  return jobs[0] as Job;
}

const containerOf = (objects: readonly AnyObject[], component: string) =>
  only(jobOf(objects, component).spec.template.spec.containers);

/** From which key of which Secret a container has a variable. */
function keyOf({ env = [] }: Container, name: string): string | undefined {
  const reference = env.find((one) => one.name === name)?.valueFrom?.secretKeyRef;
  return reference && `${reference.name}/${reference.key}`;
}

suite("PostgreSQL inside", { skip: withoutHelm }, () => {
  for (const [name, rendering] of [
    ["defaults", {}],
    ["s1", { profile: "s1" }],
  ] as const)
    test(`${name}: the StatefulSet is the one of the design (S1-33 to S1-46, S1-66 to S1-74, S1-105, C29)`, () => {
      const objects = render(rendering);
      const { spec } = find(objects, "StatefulSet", "postgres");
      assert.equal(spec.replicas, 1);
      assert.equal(spec.serviceName, "postgres-service");
      assert.equal(spec.podManagementPolicy, "OrderedReady");
      assert.equal(spec.updateStrategy?.type, "RollingUpdate");
      const container = only(spec.template.spec.containers);
      assert.equal(container.image, "postgres:15-alpine");
      assert.deepEqual(container.ports, [{ name: "postgres", containerPort: 5432 }]);
      assert.deepEqual(container.resources?.requests, { cpu: "500m", memory: "1Gi" });
      const [claim] = spec.volumeClaimTemplates ?? [];
      assert.equal(claim?.metadata.name, "postgres-storage");
      assert.deepEqual(claim.spec.accessModes, ["ReadWriteOnce"]);
      assert.equal(claim.spec.resources.requests["storage"], "10Gi");
      const mount = container.volumeMounts?.find((one) => one.name === "postgres-storage");
      assert.equal(mount?.mountPath, "/var/lib/postgresql/data");
      const service = find(objects, "Service", "postgres-service");
      assert.equal(service.spec.clusterIP, "None");
      assert.deepEqual(
        service.spec.ports.map(({ port, targetPort }) => [port, targetPort]),
        [[5432, "postgres"]],
      );
    });

  test("s1 has one database, of the account that the design names (S1-43, S1-47 to S1-52, C28)", () => {
    const objects = render({ profile: "s1" });
    const args = containerOf(objects, "secrets").args ?? [];
    assert.equal(args[args.indexOf("--postgres-user") + 1], "ecommerce_user");
    assert.equal(args[args.indexOf("--postgres-database") + 1], "ecommerce_db");
    const backend = only(find(objects, "Deployment", "backend").spec.template.spec.containers);
    for (const key of ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"])
      assert.equal(keyOf(backend, key), `stoa-postgres/${key}`);
    const { data = {} } = find(objects, "ConfigMap", "service-config");
    assert.equal(data["DATABASE_HOST"], "postgres-service");
    assert.equal(data["DATABASE_PORT"], "5432");
    assert.equal(
      byKind(objects, "Job").filter(({ metadata }) => metadata.name.startsWith("databases")).length,
      0,
    );
    assert.equal(
      keyOf(containerOf(objects, "migrate"), "POSTGRES_PASSWORD"),
      "stoa-postgres/POSTGRES_PASSWORD",
    );
  });

  test("every service has a database and a role of its own otherwise (C28)", () => {
    const objects = render();
    const urls = byKind(objects, "Deployment").flatMap(({ spec }) =>
      spec.template.spec.containers.flatMap(({ env = [] }) =>
        env.flatMap(({ name, valueFrom }) =>
          name.endsWith("_DATABASE_URL") && !name.startsWith("AUDIT_") ? [valueFrom?.secretKeyRef?.key] : [],
        ),
      ),
    );
    assert.equal(new Set(urls).size, 11);
    const make = containerOf(objects, "databases");
    assert.equal(keyOf(make, "DATABASE_URL"), "stoa-databases/database-url");
    for (const key of urls)
      assert.ok(
        (make.env ?? []).some((one) => one.valueFrom?.secretKeyRef?.key === key),
        String(key),
      );
    const users = podsOf(objects).filter(({ template }) =>
      template.spec.containers.some(({ env = [] }) =>
        env.some(({ valueFrom }) => valueFrom?.secretKeyRef?.key === "database-url"),
      ),
    );
    assert.deepEqual(
      users.map(({ labels }) => labels["component"]),
      ["databases"],
    );
  });

  test("it has as many connections as all pods may open, those of autoscalers and rollouts included", () => {
    for (const rendering of [
      {},
      { profile: "s1" },
      {
        set: {
          "services.cart.autoscaling.enabled": "true",
          "services.cart.autoscaling.maxReplicas": "40",
          "services.user.rollout.strategy": "blueGreen",
          "services.order.databasePoolMax": "30",
        },
      },
    ] satisfies Rendering[]) {
      const objects = render(rendering);
      const args = only(find(objects, "StatefulSet", "postgres").spec.template.spec.containers).args ?? [];
      const said = args.find((arg) => arg.startsWith("max_connections="))?.split("=")[1];
      const wanted = connectionsOf(objects);
      // Three are kept for superusers.
      assert.ok(Number(said) - 3 >= wanted, `${said} for ${wanted} with ${JSON.stringify(rendering)}`);
    }
    assert.throws(() => render({ set: { "postgres.maxConnections": "50" } }), /all pods together may open/);
  });

  test("its pod stays as it is when the shop has a new release, so that no upgrade restarts it", () => {
    const template = (rendering: Rendering) =>
      JSON.stringify(find(render(rendering), "StatefulSet", "postgres").spec);
    assert.equal(template({ set: { "image.tag": "9.9.9" } }), template({}));
  });
});

/** Pools of all Deployments, times the pods that there may be: the most of the autoscaler, or all colours, and one more. */
function connectionsOf(objects: readonly AnyObject[]): number {
  const scaled = new Map(
    byKind(objects, "HorizontalPodAutoscaler").map(({ spec }) => [
      spec.scaleTargetRef.name,
      spec.maxReplicas,
    ]),
  );
  let sum = 0;
  for (const { metadata, spec } of byKind(objects, "Deployment")) {
    const { env = [] } = only(spec.template.spec.containers);
    const pool = Number(env.find(({ name }) => name === "DATABASE_POOL_MAX")?.value ?? 0);
    const pools = env.some(({ name }) => name === "POSTGRES_DB") ? 11 : 1;
    const pods = Math.max(spec.replicas ?? 1, scaled.get(metadata.name) ?? 0);
    const surge = spec.strategy?.rollingUpdate?.maxSurge ?? 0;
    const more = typeof surge === "number" ? surge : Math.ceil((pods * Number.parseInt(surge)) / 100);
    sum += pools * pool * (pods + more);
  }
  return sum;
}

suite("Redis", { skip: withoutHelm }, () => {
  test("keeps carts in an append-only file and snapshots, behind a password that is on no command line (C25, C26, S2-131)", () => {
    const objects = render(everything);
    const text = find(objects, "ConfigMap", "redis").data?.["redis.conf"] ?? "";
    for (const line of ["appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"])
      assert.ok(text.includes(`\n${line}`), line);
    assert.match(text, /^save 3600 1/m);
    assert.doesNotMatch(text, /requirepass/);
    const { spec } = find(objects, "StatefulSet", "redis");
    assert.equal(spec.volumeClaimTemplates?.length, 1);
    assert.equal(keyOf(only(spec.template.spec.containers), "REDISCLI_AUTH"), "stoa-redis/password");
    const cart = only(find(objects, "Deployment", "cart").spec.template.spec.containers);
    assert.equal(keyOf(cart, "CART_REDIS_URL"), "stoa-redis/url");
  });

  test("keeps nothing where a value says so (C25, S3-90)", () => {
    const objects = render({ set: { "redis.enabled": "true", "redis.persistence": "false" } });
    assert.match(find(objects, "ConfigMap", "redis").data?.["redis.conf"] ?? "", /appendonly no\nsave ""/);
    assert.equal(find(objects, "StatefulSet", "redis").spec.volumeClaimTemplates, undefined);
  });
});

suite("stores outside", { skip: withoutHelm }, () => {
  test("are used by those whose data they keep, where a Secret names them", () => {
    const objects = render({
      set: {
        "secrets.redis.existing": "elasticache",
        "secrets.rabbitmq.existing": "broker",
        "redis.carts": "true",
      },
    });
    const cart = only(find(objects, "Deployment", "cart").spec.template.spec.containers);
    assert.equal(keyOf(cart, "CART_REDIS_URL"), "elasticache/url");
    assert.equal(keyOf(cart, "REDIS_URL"), "elasticache/url");
    const order = only(find(objects, "Deployment", "order").spec.template.spec.containers);
    assert.equal(keyOf(order, "EVENTS_URL"), "broker/url");
    assert.deepEqual(
      byKind(objects, "StatefulSet").map(({ metadata }) => metadata.name),
      ["postgres"],
    );
  });
});

suite("secrets", { skip: withoutHelm }, () => {
  test("none is made up by a template, and no password of a design document stands anywhere (S1-51, S2-66, C26, C39)", () => {
    for (const rendering of [everything, { profile: "s1" }, { profile: "s2" }] satisfies Rendering[]) {
      const text = renderText(rendering);
      assert.doesNotMatch(text, /changeme123|redis123/);
      assert.equal(text, renderText(rendering));
      assert.equal(byKind(render(rendering), "Secret" as "ConfigMap").length, 0);
    }
  });

  test("the Job may create, and read those that it makes; nothing else, and nobody else may", () => {
    const objects = render(everything);
    const { rules } = find(objects, "Role", "secrets");
    assert.deepEqual(rules, [
      { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
      {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: Object.values(clusterSecrets).sort(),
        verbs: ["get"],
      },
    ]);
    const tokens = podsOf(objects).filter(
      ({ template }) => template.spec.automountServiceAccountToken !== false,
    );
    assert.deepEqual(
      tokens.map(({ labels }) => labels["component"]),
      ["secrets"],
    );
  });

  test("keys that sign tokens are a file of who keeps accounts, where a value says that the Secret holds them", () => {
    for (const [rendering, owner] of [
      [{ set: { "secrets.keys.signing": "true" } }, "user"],
      [{ profile: "s1", set: { "secrets.keys.signing": "true" } }, "backend"],
    ] as const) {
      const mounts = podsOf(render(rendering)).filter(({ template }) =>
        template.spec.volumes?.some(({ secret }) => secret?.secretName === "stoa-keys"),
      );
      assert.deepEqual(
        mounts.map(({ labels }) => labels["component"]),
        [owner],
      );
    }
  });

  test("what a value brings is made by nobody", () => {
    const objects = render({
      set: {
        "secrets.databases.existing": "mine",
        "secrets.external.enabled": "true",
        "secrets.external.store.name": "vault",
        "secrets.keys.remoteKey": "shop/keys",
      },
    });
    const args = containerOf(objects, "secrets").args ?? [];
    assert.equal(args[args.indexOf("--only") + 1], "postgres,admin,api-keys");
    const cart = only(find(objects, "Deployment", "cart").spec.template.spec.containers);
    assert.equal(keyOf(cart, "CART_DATABASE_URL"), "mine/cart-database-url");
    assert.equal(objects.filter(({ kind }) => kind === "ExternalSecret").length, 1);
    assert.equal(
      render({ set: { "secrets.make": "false" } }).filter(({ metadata }) =>
        metadata.name.startsWith("secrets-"),
      ).length,
      0,
    );
  });
});

suite("what runs once", { skip: withoutHelm }, () => {
  test("are commands that the program understands, named by what they are, with room for many tries", () => {
    for (const rendering of [everything, { profile: "s1" }] satisfies Rendering[])
      for (const { metadata, spec } of byKind(render(rendering), "Job")) {
        const component = metadata.labels?.["component"] ?? "";
        if (component === "test" || metadata.annotations?.["helm.sh/hook"]) continue;
        assert.match(metadata.name, new RegExp(`^${component}-[0-9a-f]{10}$`));
        assert.ok((spec.backoffLimit ?? 0) >= 50);
        assert.equal(spec.ttlSecondsAfterFinished, undefined);
        assert.equal(spec.template.spec.restartPolicy, "OnFailure");
        const { args, image } = only(spec.template.spec.containers);
        if (component === "backup") continue;
        assert.match(image, /^ecommerce\/tools:/);
        assert.equal(readCommandLine(commands, args ?? []).kind, "run", String(args));
      }
  });

  test("the audit reads, under roles of its own, and knows no key", () => {
    const { env = [] } = only(find(render(), "Deployment", "audit").spec.template.spec.containers);
    const keys = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []);
    assert.equal(keys.length, 6);
    for (const key of keys) assert.match(key, /^audit-[a-z]+-database-url$/);
  });

  test("copies are made every day, kept for 30 days and put back once a month, never two at once (S1-110 to S1-113)", () => {
    const objects = render(everything);
    for (const [name, schedule] of [
      ["backup", /^\d+ \d+ \* \* \*$/],
      ["restore-test", /^\d+ \d+ \d+ \* \*$/],
    ] as const) {
      const { spec } = find(objects, "CronJob", name);
      assert.match(spec.schedule, schedule);
      assert.equal(spec.concurrencyPolicy, "Forbid");
      const container = only(spec.jobTemplate.spec.template.spec.containers);
      assert.equal(container.env?.find((one) => one.name === "KEEP_DAYS")?.value, "30");
      assert.equal(keyOf(container, "PGPASSWORD"), "stoa-postgres/POSTGRES_PASSWORD");
    }
    assert.match(find(objects, "ConfigMap", "backup").data?.["backup.sh"] ?? "", /pg_dump --format=custom/);
    // Whoever waits for the install waits for the claim, which is bound to its first user.
    assert.equal(containerOf(objects, "backup").command?.at(-1), "/scripts/backup.sh");
  });
});
