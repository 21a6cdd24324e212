// Every profile is linted, rendered for the three newest minors of Kubernetes, and held against its schemas and types, strictly.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kubernetesMinors } from "../../tools/chart/tools-folder.ts";
import { KubernetesSchemas, withoutSchemas } from "./kubernetes-schemas.ts";
import { hasType, typeFaultsOf, withoutTypes } from "./object-types.ts";
import type { AnyObject, Deployment } from "./objects.ts";
import { lint, parseObjects, profiles, render, renderText, withoutHelm } from "./render.ts";
import { chartRenderings, renderingNames } from "./renderings.ts";
import type { Mutable } from "./rules/rule.ts";

/** Kinds of operators that no package has types of. */
const untyped: ReadonlySet<string> = new Set([
  "traefik.io/v1alpha1 Middleware",
  "traefik.io/v1alpha1 TLSOption",
]);

/** Each spoils a Deployment so that Kubernetes would refuse it. */
const spoiled: Readonly<Record<string, (deployment: Mutable<Deployment>) => void>> = {
  "a field that does not exist": ({ spec }) => Object.assign(spec, { replica: 3 }),
  "a field of a container that does not exist": ({ spec }) =>
    Object.assign(spec.template.spec.containers[0] ?? {}, { imagePulPolicy: "Always" }),
  "a text for a number": ({ spec }) => Object.assign(spec, { replicas: "3" }),
  "a number for a text": ({ metadata }) => Object.assign(metadata.labels ?? {}, { version: 1 }),
  "a field that is missing": ({ spec }) => Reflect.deleteProperty(spec, "selector"),
};

function spoil(change: (deployment: Mutable<Deployment>) => void): AnyObject {
  const deployment = structuredClone(
    render().find(({ kind }) => kind === "Deployment"),
  ) as Mutable<Deployment>;
  change(deployment);
  return deployment;
}

suite("helm itself", { skip: withoutHelm }, () => {
  for (const name of renderingNames)
    test(`${name}: helm lint --strict is content`, () => {
      assert.match(lint(chartRenderings[name]), /0 chart\(s\) failed/);
    });

  test("a profile renders without further values, in its own way for no minor of Kubernetes", () => {
    for (const profile of profiles) {
      const [first = "", ...others] = kubernetesMinors.map((kubeVersion) =>
        renderText({ profile, kubeVersion: `${kubeVersion}.0` }),
      );
      assert.notEqual(parseObjects(first).length, 0, profile);
      for (const other of others) assert.equal(other, first, profile);
    }
  });

  test("a Kubernetes that is too old is refused by name", () => {
    assert.throws(() => render({ kubeVersion: "1.25.0" }), /kubeVersion|incompatible/);
  });
});

for (const minor of kubernetesMinors)
  suite(`Kubernetes ${minor}`, { skip: withoutHelm || withoutSchemas(minor) }, () => {
    let schemas: KubernetesSchemas | undefined;
    const known = () => (schemas ??= new KubernetesSchemas(minor));

    for (const name of renderingNames)
      test(`${name}: every object is what the schemas of ${minor} ask for, with no field that they do not know`, () => {
        const objects = render({ ...chartRenderings[name], kubeVersion: `${minor}.0` });
        const own = objects.filter((object) => known().knows(object));
        const unknown = objects.filter((object) => !known().knows(object) && !isOfAnOperator(object));
        assert.deepEqual(
          unknown.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
          [],
        );
        assert.deepEqual(
          own.flatMap((object) => known().faultsOf(object)),
          [],
        );
      });

    for (const [title, change] of Object.entries(spoiled))
      test(`a sample is refused by the schemas of ${minor}: ${title}`, () => {
        assert.notDeepEqual(known().faultsOf(spoil(change)), []);
      });
  });

/** Groups of Kubernetes itself have no dot, or end in k8s.io; the Gateway API alone is one of those and is installed apart. */
function isOfAnOperator({ apiVersion }: AnyObject): boolean {
  const [group = ""] = apiVersion.split("/");
  return group === "gateway.networking.k8s.io" || (/\./.test(group) && !group.endsWith("k8s.io"));
}

suite("types", { skip: withoutHelm || withoutTypes }, () => {
  test("every object of every rendering, those for operators among them, is one of its kind's type", () => {
    const objects = renderingNames.flatMap((name) => render(chartRenderings[name]));
    const typed = objects.filter(hasType);
    const without = new Set(
      objects.filter((object) => !hasType(object)).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
    );
    assert.deepEqual(
      [...without].filter((kind) => !untyped.has(kind)),
      [],
    );
    assert.deepEqual(typeFaultsOf(typed), []);
  });

  test("samples are refused by their types, wrong words among them", () => {
    const samples = Object.entries(spoiled).map(([title, change]) => ({ title, object: spoil(change) }));
    for (const { title, object } of samples) assert.notDeepEqual(typeFaultsOf([object]), [], title);
    const wrong = spoil(({ spec }) =>
      Object.assign(spec.template.spec.containers[0] ?? {}, { imagePullPolicy: "Sometimes" }),
    );
    assert.match(typeFaultsOf([wrong])[0] ?? "", /Sometimes/);
  });
});

suite("values that are mistyped", { skip: withoutHelm }, () => {
  const mistyped: Readonly<Record<string, Record<string, unknown>>> = {
    "a block": { postgress: { enabled: true } },
    "a service": { services: { catalogue: { replicas: 3 } } },
    "a field of a service": { services: { catalog: { replica: 3 } } },
    "a field of the defaults": { defaults: { resource: {} } },
    "a field of an autoscaler": { services: { storefront: { autoscaling: { maxReplica: 3 } } } },
    "a text for a number": { services: { catalog: { replicas: "three" } } },
    "an environment": { environment: "production" },
    "a topology": { topology: "monolith" },
    "a strategy": { services: { catalog: { rollout: { strategy: "bluegreen" } } } },
    "a type of Service": { services: { gateway: { service: { type: "Loadbalancer" } } } },
    "a field of an image": { image: { version: "1.0.0" } },
    "a field of the shop": { shop: { currencies: "EUR" } },
  };
  for (const [title, values] of Object.entries(mistyped))
    test(`values.schema.json refuses ${title}`, () => {
      assert.throws(
        () => render({ values }),
        /values don't meet the specifications of the schema|additional properties|not allowed/i,
      );
    });

  test("an image of the tag latest is refused, wherever it is said", () => {
    for (const values of [
      { image: { tag: "latest" } },
      { services: { catalog: { image: { tag: "latest" } } } },
      { services: { gateway: { rollout: { green: { tag: "latest" } } } } },
    ])
      assert.throws(() => render({ values }), /latest|\/tag'/, JSON.stringify(values));
  });
});
