// `stoa manifests` and Helm read one chart: what they print is the same, object by object and field by field.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { manifestsOf } from "../../manifests/manifests.ts";
import { readValues } from "../../manifests/values.ts";
import type { AnyObject } from "./objects.ts";
import { profiles, render, withoutHelm, type Profile } from "./render.ts";

type Named = Readonly<Record<string, unknown>>;

/** By kind and name; the tests that Helm runs are Helm's alone. */
function byName(objects: readonly AnyObject[]): Named {
  const plain = objects.filter(({ metadata }) => metadata.annotations?.["helm.sh/hook"] === undefined);
  const entries = plain.map((object) => [`${object.kind}/${object.metadata.name}`, object] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function ours(
  profile: Profile | undefined,
  values: Named | undefined,
  namespace: string,
): readonly AnyObject[] {
  const folder = mkdtempSync(join(tmpdir(), "stoa-manifests-"));
  try {
    const file = join(folder, "values.json");
    if (values) writeFileSync(file, JSON.stringify(values));
    const read = readValues(profile, values ? file : undefined);
    return manifestsOf(read, { name: "stoa", namespace }) as unknown as AnyObject[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(profile: Profile | undefined, values: Named | undefined, namespace = "ecommerce"): void {
  const helm = byName(render({ ...(profile && { profile }), ...(values && { values }), namespace }));
  const own = byName(ours(profile, values, namespace));
  assert.deepEqual(Object.keys(own), Object.keys(helm));
  for (const [name, object] of Object.entries(helm)) assert.deepEqual(own[name], object, name);
}

suite("stoa manifests", { skip: withoutHelm }, () => {
  for (const profile of profiles)
    test(`S1-122: the objects of ${profile} as code are those of the chart`, () => {
      compare(profile, undefined);
    });

  test("S1-122: as they are without a profile, and in another namespace", () => {
    compare(undefined, undefined);
    compare("s1", undefined, "default");
  });

  const further: Readonly<Record<string, readonly [Profile | undefined, Named]>> = {
    "an image of another version and registry": [
      "s0",
      { image: { registry: "registry.example.com/shop", tag: "2.0.0-rc.1", pullSecrets: ["registry"] } },
    ],
    "a canary under way": [
      "s0",
      {
        services: {
          storefront: {
            rollout: {
              to: "v2",
              v1: { replicas: 2, weight: 50 },
              v2: { replicas: 2, weight: 50, tag: "2.0.0" },
            },
          },
        },
      },
    ],
    "the other colour": [
      "s0",
      { services: { gateway: { rollout: { active: "green", blue: { replicas: 3 } } } } },
    ],
    "settings, places and annotations": [
      "dev",
      {
        settings: { LOG_LEVEL: "debug", RATE_LIMIT: "off" },
        spot: {
          enabled: true,
          nodeSelector: { lifecycle: "spot" },
          tolerations: [{ key: "spot", operator: "Exists" }],
        },
        services: {
          catalog: {
            env: { CATALOG_RESERVATION_SECONDS: 600 },
            podAnnotations: { team: "goods" },
            priorityClassName: "high",
          },
        },
      },
    ],
    "databases outside": [
      "s4",
      {
        postgres: { enabled: false },
        externalDatabases: { host: "db.example.com", make: true, ca: { configMap: "authority" } },
      },
    ],
    "secrets that are there already": [
      "s2",
      { secrets: { keys: { existing: "mine" }, postgres: { existing: "theirs" } } },
    ],
    "an Ingress with everything that can be said of it": [
      "s0",
      {
        ingress: {
          enabled: true,
          tls: { enabled: true, clusterIssuer: "letsencrypt" },
          sourceRanges: ["192.0.2.0/24"],
          rateLimit: { requestsPerSecond: 50, connections: 40 },
          staff: { basicAuthSecret: "staff" },
        },
        services: {
          storefront: { rollout: { to: "v2", v1: { weight: 90 }, v2: { replicas: 1, weight: 10 } } },
        },
      },
    ],
    "copies of the databases": ["s3", { backup: { enabled: true } }],
    "a load balancer, and a service left out": [
      undefined,
      {
        services: {
          gateway: { service: { type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] } },
          ad: { enabled: false },
        },
      },
    ],
  };
  for (const [title, [profile, values]] of Object.entries(further))
    test(`they are the same with ${title}`, () => {
      compare(profile, values);
    });

  for (const values of [
    { ingress: { enabled: true, controller: "traefik" } },
    { gatewayApi: { enabled: true } },
    { tls: { enabled: true } },
    { mesh: { type: "linkerd" } },
    { rabbitmq: { enabled: true } },
    { secrets: { keys: { signing: true } } },
    { secrets: { redis: { existing: "theirs" } } },
    { services: { storefront: { rollout: { engine: "argo" } } } },
  ])
    test(`what only the chart knows is refused with a sentence: ${JSON.stringify(values)}`, () => {
      assert.throws(
        () => ours("s0", values, "ecommerce"),
        /stoa manifests does not know the objects that .* asks for/,
      );
    });

  test("a difference of one field is seen", () => {
    const [first] = ours("s1", undefined, "ecommerce");
    assert.throws(() => assert.deepEqual({ ...first, kind: "Nothing" }, first));
    assert.throws(() => compare("s1", { services: { backend: { replicas: "3" } } }));
  });
});
