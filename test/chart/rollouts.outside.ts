// The three ways to roll out, in the chart: what `stoa rollout` sets is what is rendered, step by step and to the letter.
import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { setsOf } from "../../rollout/cluster.ts";
import { unpackChart } from "../../rollout/release.ts";
import { planOf, slotsOf, type RolloutState, type Strategy } from "../../rollout/plan.ts";
import type { AnyObject } from "./objects.ts";
import { byKind, chartFolder, find, findHelm, render, withoutHelm, type Rendering } from "./render.ts";

const skip = withoutHelm;
const gatewayApi = {
  gatewayApi: { enabled: true, parentRefs: [{ name: "edge" }], hosts: ["shop.example.com"] },
};
const nginx = { ingress: { enabled: true, controller: "nginx", hosts: ["shop.example.com"] } };

/** A service with three replicas, as it stands before its first rollout. */
function begin(strategy: Strategy): RolloutState {
  const [active = "", other] = slotsOf[strategy];
  return {
    strategy,
    active,
    to: "",
    slots: {
      [active]: { tag: "1.0.0", replicas: 3, weight: 100 },
      ...(other === undefined ? {} : { [other]: { tag: "", replicas: 0, weight: 0 } }),
    },
  };
}

/** Values as helm makes them of what the command sets. */
function valuesOf(service: string, state: RolloutState): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [path, value] of setsOf(service, state, { replicas: 3, usual: 3 })) {
    const names = path.split(".");
    let at = values;
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
    at[names.at(-1) ?? ""] = value;
  }
  return values;
}

function renderState(service: string, state: RolloutState, rendering: Rendering = {}): readonly AnyObject[] {
  return render({ ...rendering, values: { ...rendering.values, ...valuesOf(service, state) } });
}

/** Replicas by Deployment: `storefront-v1 3`. */
function replicasOf(objects: readonly AnyObject[], service: string): string[] {
  return byKind(objects, "Deployment")
    .filter(({ metadata }) => metadata.labels?.["component"] === service)
    .map(({ metadata, spec }) => `${metadata.name} ${spec.replicas}`);
}

function tagsOf(objects: readonly AnyObject[], service: string): string[] {
  return byKind(objects, "Deployment")
    .filter(({ metadata }) => metadata.labels?.["component"] === service)
    .map(({ spec }) => spec.template.spec.containers[0]?.image.split(":").at(-1) ?? "");
}

describe("the way of each service", { skip }, () => {
  const objects = skip ? [] : render();

  test("S0-03 S0-06 C36 is canary for the storefront, blue-green for the gateway, rolling for all others", () => {
    deepStrictEqual(replicasOf(objects, "storefront"), ["storefront-v1 3", "storefront-v2 0"]);
    deepStrictEqual(replicasOf(objects, "gateway"), ["gateway-blue 3", "gateway-green 0"]);
    for (const service of ["catalog", "order", "cart", "user", "checkout"])
      strictEqual(replicasOf(objects, service).length, 1, service);
  });

  test("C13 S2-104 a rolling update adds a pod before it takes one, and never has one less", () => {
    // The audit serves nobody, and runs once.
    for (const { metadata, spec } of byKind(objects, "Deployment").filter(
      ({ metadata: { name } }) => name !== "audit",
    ))
      deepStrictEqual(spec.strategy?.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 }, metadata.name);
  });

  test("S1-102 S1-103 may be 25 % and 25 %", () => {
    const quarter = { maxSurge: "25%", maxUnavailable: "25%" };
    const { spec } = find(render({ values: { defaults: { rollout: quarter } } }), "Deployment", "catalog");
    deepStrictEqual(spec.strategy?.rollingUpdate, quarter);
  });

  test("S2-105 S1-104 counts a pod only when it is ready", () => {
    for (const { metadata, spec } of byKind(objects, "Deployment").filter(
      ({ metadata: { name } }) => name !== "audit",
    ))
      ok(spec.template.spec.containers[0]?.readinessProbe, metadata.name);
  });
});

describe("a canary", { skip }, () => {
  const state = begin("canary");
  const renderCanary = (at: RolloutState) => renderState("storefront", at, { values: gatewayApi });
  const plan = planOf(state, "1.1.0", 3);
  const [ten, half, whole] = plan.steps.map((step) => step.state);
  const route = (at: RolloutState | undefined) => {
    const objects = renderCanary(at ?? state);
    const found = objects.find(({ kind, metadata }) => kind === "HTTPRoute" && metadata.name === "shop");
    const { spec } = found as unknown as {
      spec: {
        rules: { matches?: { path: { value: string } }[]; backendRefs: { name: string; weight: number }[] }[];
      };
    };
    const pages = spec.rules.find(({ matches }) => matches?.some(({ path }) => path.value === "/"));
    return pages?.backendRefs.map(({ name, weight }) => `${name} ${weight}`);
  };

  test("S0-12 begins with v1 at 3 replicas and all the traffic", () => {
    deepStrictEqual(replicasOf(renderCanary(state), "storefront"), ["storefront-v1 3", "storefront-v2 0"]);
    deepStrictEqual(route(state), ["storefront-v1 100"]);
  });

  test("S0-13 C35 has 3 and 1 replicas at 90 and 10 %", () => {
    deepStrictEqual(replicasOf(renderCanary(ten ?? state), "storefront"), [
      "storefront-v1 3",
      "storefront-v2 1",
    ]);
    deepStrictEqual(route(ten), ["storefront-v1 90", "storefront-v2 10"]);
  });

  test("S0-14 has 2 and 2 replicas at 50 and 50 %", () => {
    deepStrictEqual(replicasOf(renderCanary(half ?? state), "storefront"), [
      "storefront-v1 2",
      "storefront-v2 2",
    ]);
    deepStrictEqual(route(half), ["storefront-v1 50", "storefront-v2 50"]);
  });

  test("S0-15 ends with v2 at 3 replicas and all the traffic, and v1 gone", () => {
    deepStrictEqual(replicasOf(renderCanary(whole ?? state), "storefront"), [
      "storefront-v1 0",
      "storefront-v2 3",
    ]);
    deepStrictEqual(route(whole), ["storefront-v2 100"]);
  });

  test("S2-110 gives its weight to ingress-nginx in an Ingress of its own, on the same paths", () => {
    const objects = renderState("storefront", ten ?? state, { values: nginx });
    const canary = find(objects, "Ingress", "canary-pages");
    strictEqual(canary.metadata.annotations?.["nginx.ingress.kubernetes.io/canary"], "true");
    strictEqual(canary.metadata.annotations["nginx.ingress.kubernetes.io/canary-weight"], "10");
    const served = ingressBackends(objects);
    ok(served.includes("shop shop.example.com/ storefront-v1"), served.join("\n"));
    ok(served.includes("canary-pages shop.example.com/ storefront-v2"), served.join("\n"));
    const before = renderState("storefront", state, { values: nginx });
    deepStrictEqual(
      ingressBackends(before).filter((line) => line.includes("canary")),
      [],
    );
  });

  test("without a router its main Service takes the pods of both, by their number", () => {
    const { spec } = find(renderState("storefront", ten ?? state), "Service", "storefront");
    strictEqual(spec.selector?.["slot"], undefined);
  });

  test("runs two versions beside each other, each with a Service of its own", () => {
    const objects = renderCanary(ten ?? state);
    deepStrictEqual(tagsOf(objects, "storefront"), ["1.0.0", "1.1.0"]);
    for (const slot of ["v1", "v2"])
      strictEqual(find(objects, "Service", `storefront-${slot}`).spec.selector?.["slot"], slot);
  });

  test("has no autoscaler while it is under way, and the one of the new version after it", () => {
    const targetOf = (at: RolloutState) =>
      byKind(renderCanary(at), "HorizontalPodAutoscaler")
        .filter(({ metadata }) => metadata.name === "storefront")
        .map(({ spec }) => spec.scaleTargetRef.name);
    deepStrictEqual(targetOf(state), ["storefront-v1"]);
    deepStrictEqual(targetOf(ten ?? state), []);
    deepStrictEqual(targetOf(whole ?? state), ["storefront-v2"]);
  });
});

function ingressBackends(objects: readonly AnyObject[]): string[] {
  return byKind(objects, "Ingress").flatMap(({ metadata, spec }) =>
    (spec.rules ?? []).flatMap(({ host, http }) =>
      (http?.paths ?? []).map(
        ({ path, backend }) => `${metadata.name} ${host}${path} ${backend.service?.name}`,
      ),
    ),
  );
}

describe("blue-green", { skip }, () => {
  const state = begin("blueGreen");
  const [tried, switched, over] = planOf(state, "1.1.0", 3).steps.map((step) => step.state);
  const told = (at: RolloutState | undefined) => {
    const objects = renderState("gateway", at ?? state);
    return [
      ...replicasOf(objects, "gateway"),
      `traffic ${find(objects, "Service", "gateway").spec.selector?.["slot"]}`,
      `preview ${find(objects, "Service", "gateway-preview").spec.selector?.["slot"]}`,
    ];
  };

  test("S0-22 begins with three blue, which have the traffic, and no green", () => {
    deepStrictEqual(told(state), ["gateway-blue 3", "gateway-green 0", "traffic blue", "preview green"]);
  });

  test("S0-23 S2-108 has three of each while green is tried at the preview", () => {
    deepStrictEqual(told(tried), ["gateway-blue 3", "gateway-green 3", "traffic blue", "preview green"]);
  });

  test("S0-24 switches the traffic to green and keeps three blue", () => {
    deepStrictEqual(told(switched), ["gateway-blue 3", "gateway-green 3", "traffic green", "preview blue"]);
  });

  test("S0-25 ends with no blue", () => {
    deepStrictEqual(told(over), ["gateway-blue 0", "gateway-green 3", "traffic green", "preview blue"]);
  });

  test("S0-78 S2-109 goes back by the Service alone", () => {
    const back = { ...(switched ?? state), active: "blue" };
    deepStrictEqual(told(back), ["gateway-blue 3", "gateway-green 3", "traffic blue", "preview green"]);
    deepStrictEqual(tagsOf(renderState("gateway", back), "gateway"), ["1.0.0", "1.1.0"]);
  });

  test("every name of the gateway leads to the colour with the traffic", () => {
    const objects = renderState("gateway", switched ?? state);
    for (const name of ["gateway", "api-gateway", "backend-service"])
      strictEqual(find(objects, "Service", name).spec.selector?.["slot"], "green", name);
  });

  test("only the colour with the traffic is scaled by itself", () => {
    for (const [at, target] of [
      [tried, "gateway-blue"],
      [switched, "gateway-green"],
    ] as const) {
      const objects = renderState("gateway", at ?? state);
      strictEqual(find(objects, "HorizontalPodAutoscaler", "gateway").spec.scaleTargetRef.name, target);
    }
  });

  test("a slot that is none of its own is refused", { skip }, () => {
    throws(
      () => render({ set: { "services.gateway.rollout.active": "v1" } }),
      /the slots of blueGreen are blue and green/,
    );
  });
});

test("S0-77 S0-79 what is gone back to is rendered as it was before", { skip }, () => {
  const state = begin("canary");
  const [ten] = planOf(state, "1.1.0", 3).steps;
  const before = renderState("storefront", state, { values: gatewayApi });
  notStrictEqual(
    JSON.stringify(renderState("storefront", ten?.state ?? state, { values: gatewayApi })),
    JSON.stringify(before),
  );
  const rolling = begin("rolling");
  deepStrictEqual(tagsOf(renderState("catalog", rolling), "catalog"), ["1.0.0"]);
});

describe("with Argo Rollouts", { skip }, () => {
  const argo = { rollout: { engine: "argo" } };
  const objects = skip
    ? []
    : render({
        values: {
          ...gatewayApi,
          rollouts: { analysis: { prometheus: "http://prometheus.monitoring:9090" } },
          services: { gateway: argo, storefront: argo, catalog: argo },
        },
      });
  const rolloutOf = (name: string) => {
    const found = objects.find(({ kind, metadata }) => kind === "Rollout" && metadata.name === name);
    return (found as unknown as { spec: { replicas: number; strategy: Strategies } } | undefined)?.spec;
  };

  test("S0-13 S0-14 a canary has the same weights, and is judged after each", () => {
    const { canary } = rolloutOf("storefront")?.strategy ?? {};
    deepStrictEqual(
      canary?.steps.map(
        (step) => step.setWeight ?? step.analysis?.templates.map(({ templateName }) => templateName),
      ),
      [10, ["rollout-errors", "rollout-slowness"], 50, ["rollout-errors", "rollout-slowness"]],
    );
    strictEqual(canary?.dynamicStableScale, true);
    for (const name of [canary?.stableService, canary?.canaryService])
      ok(find(objects, "Service", name ?? ""), name);
  });

  test("S0-23 S0-24 a colour is looked at before and after the switch", () => {
    const { blueGreen } = rolloutOf("gateway")?.strategy ?? {};
    strictEqual(rolloutOf("gateway")?.replicas, 3);
    strictEqual(blueGreen?.activeService, "gateway");
    ok(find(objects, "Service", blueGreen.previewService));
    deepStrictEqual(blueGreen.prePromotionAnalysis.templates, [{ templateName: "rollout-scraped" }]);
    deepStrictEqual(blueGreen.postPromotionAnalysis.templates, [{ templateName: "rollout-errors" }]);
  });

  test("no Deployment stands beside a Rollout, and every template that it names is there", () => {
    const deployments = byKind(objects, "Deployment").map(({ metadata }) => metadata.name);
    deepStrictEqual(
      deployments.filter((name) => /^(gateway|storefront)/.test(name)),
      [],
    );
    ok(deployments.includes("catalog"), "a rolling update is a Deployment's own");
    const templates = objects
      .filter(({ kind }) => kind === "AnalysisTemplate")
      .map(({ metadata }) => metadata.name);
    deepStrictEqual(templates.sort(), ["rollout-errors", "rollout-scraped", "rollout-slowness"]);
  });

  test("without a Prometheus it is refused, with the value that is missing", () => {
    throws(() => render({ values: { services: { gateway: argo } } }), /set rollouts\.analysis\.prometheus/);
  });
});

interface Strategies {
  readonly canary?: {
    readonly stableService: string;
    readonly canaryService: string;
    readonly dynamicStableScale?: boolean;
    readonly steps: readonly {
      readonly setWeight?: number;
      readonly analysis?: { readonly templates: readonly { readonly templateName: string }[] };
    }[];
  };
  readonly blueGreen?: {
    readonly activeService: string;
    readonly previewService: string;
    readonly prePromotionAnalysis: { readonly templates: readonly unknown[] };
    readonly postPromotionAnalysis: { readonly templates: readonly unknown[] };
  };
}

test("the chart that lies in a release is the one that it was installed from", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "stoa-unpacked-"));
  try {
    const program = findHelm() ?? "";
    const words = [
      "install",
      "stoa",
      chartFolder,
      "--dry-run=client",
      "--output",
      "json",
      "--namespace",
      "ecommerce",
    ];
    const release = execFileSync(program, words, {
      maxBuffer: 64 * 2 ** 20,
      stdio: ["ignore", "pipe", "ignore"],
    });
    // As helm keeps it in a Secret, and Kubernetes shows Secrets.
    const kept = Buffer.from(gzipSync(release).toString("base64")).toString("base64");
    await unpackChart(kept, folder);
    const template = (chart: string) =>
      execFileSync(program, ["template", "stoa", chart, "--namespace", "ecommerce"], {
        encoding: "utf8",
        maxBuffer: 64 * 2 ** 20,
      });
    strictEqual(template(folder), template(chartFolder));
  } finally {
    await rm(folder, { recursive: true });
  }
});
