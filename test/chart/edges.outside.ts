/** How people come in, what is encrypted, and what a mesh is told: Ingress, Gateway API, certificates, Istio and Linkerd. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { checkSettings } from "../../commands/check-settings.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { shop } from "../../shop.ts";
import { environmentOf } from "./environments.ts";
import { facts } from "./network-facts.ts";
import type { AnyObject, Container, Ingress, Service } from "./objects.ts";
import { byKind, find, podsOf, render, withoutHelm, type Rendering } from "./render.ts";
import { chartRenderings } from "./renderings.ts";

const options = { skip: withoutHelm };
const nginx = "nginx.ingress.kubernetes.io";

/** An object of a kind that has no type here. */
function other<Spec>(objects: readonly AnyObject[], kind: string, name: string): AnyObject & { spec: Spec } {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  return (found ?? ok(false, `There is no ${kind} named ${name}.`)) as unknown as AnyObject & { spec: Spec };
}

function containerOf(objects: readonly AnyObject[], component: string): Container {
  const [pods] = podsOf(objects).filter(({ labels }) => labels["component"] === component);
  const [container] = pods?.template.spec.containers ?? [];
  ok(container, component);
  return container;
}

/** Which component's pods, and which of their ports, a port of a Service leads to. */
function endOf(objects: readonly AnyObject[], name: string, number: number | undefined): string {
  const service: Service = find(objects, "Service", name);
  const port = service.spec.ports.find((one) => one.port === number);
  const component = service.spec.selector?.["component"] ?? "";
  const declared = containerOf(objects, component).ports?.find(({ name }) => name === port?.targetPort);
  return `${component}:${declared?.containerPort}`;
}

/** Path → component and port of its pods. */
function pathsOf(objects: readonly AnyObject[], name: string): Record<string, string> {
  const ingress: Ingress = find(objects, "Ingress", name);
  const [rule] = ingress.spec.rules ?? [];
  return Object.fromEntries(
    (rule?.http?.paths ?? []).map(({ path, backend: { service } }) => [
      path,
      endOf(objects, service.name, service.port.number),
    ]),
  );
}

const ofPrograms = ["/api", "/docs", "/openapi.json", "/.well-known", "/files"];

describe("an Ingress (S2-01, S2-79, S2-82, S4-96)", options, () => {
  test("leads programs and staff to the gateway, and everything else to the storefront", () => {
    const objects = render({ values: { ingress: { enabled: true } } });
    deepEqual(pathsOf(objects, "shop"), {
      ...Object.fromEntries(ofPrograms.map((path) => [path, "gateway:3000"])),
      "/": "storefront:8080",
    });
    deepEqual(pathsOf(objects, "staff"), { "/admin": "gateway:3000" });
    const published = [...Object.keys(pathsOf(objects, "shop")), "/admin"];
    ok(!published.some((path) => /metrics|health|ready/.test(path)), "operations stay inside");
  });

  test("is not there unless a value asks for it", () => {
    deepEqual(byKind(render({}), "Ingress"), []);
  });

  test("in three tiers the storefront is the only door", () => {
    const objects = render({ profile: "s1", values: { ingress: { enabled: true } } });
    deepEqual(pathsOf(objects, "shop"), { "/": "storefront:8080" });
    equal(byKind(objects, "Ingress").length, 1);
  });

  test("has the hosts, the certificate and the limits of the values, for ingress-nginx", () => {
    const objects = render(chartRenderings["ingress-nginx"]);
    const [main, staff] = ["shop", "staff"].map((name) => find(objects, "Ingress", name));
    equal(main?.spec.ingressClassName, "nginx");
    deepEqual(main?.spec.tls, [{ hosts: ["shop.example.com"], secretName: "shop-tls" }]);
    equal(main?.spec.rules?.[0]?.host, "shop.example.com");
    const told = main?.metadata.annotations ?? {};
    equal(told["cert-manager.io/cluster-issuer"], "letsencrypt");
    equal(told[`${nginx}/whitelist-source-range`], "192.0.2.0/24");
    equal(told[`${nginx}/limit-rps`], "50");
    equal(told[`${nginx}/limit-connections`], "40");
    equal(told[`${nginx}/force-ssl-redirect`], "true");
    equal(told[`${nginx}/auth-type`], undefined, "people need no password");
    const toldOfStaff = staff?.metadata.annotations ?? {};
    equal(toldOfStaff[`${nginx}/whitelist-source-range`], "198.51.100.0/24");
    equal(toldOfStaff[`${nginx}/auth-secret`], "staff-password");
    equal(toldOfStaff[`${nginx}/auth-type`], "basic");
  });

  test("and for Traefik, whose Middlewares are all there that it names", () => {
    const objects = render(chartRenderings["traefik"]);
    for (const [name, count] of [
      ["shop", 3],
      ["staff", 4],
    ] as const) {
      const told = find(objects, "Ingress", name).metadata.annotations ?? {};
      const named = (told["traefik.ingress.kubernetes.io/router.middlewares"] ?? "").split(",");
      equal(named.length, count);
      for (const one of named) {
        const [, middleware = ""] = /^ecommerce-(.+)@kubernetescrd$/.exec(one) ?? [];
        ok(other(objects, "Middleware", middleware));
      }
    }
    const { spec } = other<{ minVersion: string }>(objects, "TLSOption", "shop");
    equal(spec.minVersion, "VersionTLS13", "S4-116");
    const password = other<{ basicAuth: { removeHeader: boolean } }>(objects, "Middleware", "staff-password");
    ok(password.spec.basicAuth.removeHeader);
  });
});

describe("a Gateway (S4-96)", options, () => {
  interface Route {
    hostnames: string[];
    parentRefs: { name: string; sectionName?: string }[];
    rules: {
      matches?: { path: { value: string } }[];
      backendRefs?: { name: string; port: number; weight: number }[];
    }[];
  }

  test("has the same paths as an Ingress, with weights", () => {
    const objects = render(chartRenderings["gateway-api"]);
    const { spec } = other<Route>(objects, "HTTPRoute", "shop");
    deepEqual(spec.hostnames, ["shop.example.com", "www.example.com"]);
    for (const { matches = [], backendRefs = [] } of spec.rules)
      for (const { path } of matches) {
        const component = path.value === "/" ? "storefront:8080" : "gateway:3000";
        for (const { name, port } of backendRefs) equal(endOf(objects, name, port), component, path.value);
        equal(
          backendRefs.reduce((sum, { weight }) => sum + weight, 0),
          100,
        );
      }
    deepEqual(
      spec.rules.flatMap(({ matches = [] }) => matches.map(({ path }) => path.value)).sort(),
      [...ofPrograms, "/admin", "/"].sort(),
    );
  });

  test("ends TLS at every host, and sends http there", () => {
    const objects = render(chartRenderings["gateway-api"]);
    interface Listener {
      name: string;
      hostname: string;
      tls?: { certificateRefs: { name: string }[] };
    }
    const { spec, metadata } = other<{ listeners: Listener[] }>(objects, "Gateway", "shop");
    equal(metadata.annotations?.["cert-manager.io/cluster-issuer"], "letsencrypt");
    const encrypted = spec.listeners.filter(({ tls }) => tls);
    deepEqual(
      encrypted.map(({ hostname }) => hostname),
      ["shop.example.com", "www.example.com"],
    );
    const sections = (name: string) =>
      other<Route>(objects, "HTTPRoute", name).spec.parentRefs.map(({ sectionName }) => sectionName);
    deepEqual(
      sections("shop"),
      encrypted.map(({ name }) => name),
    );
    deepEqual(
      sections("to-https"),
      spec.listeners.filter(({ tls }) => !tls).map(({ name }) => name),
    );
  });
});

describe("what the edges are told (S4-123)", options, () => {
  const told = (rendering: Rendering, component: string) =>
    environmentOf(containerOf(render(rendering), component), render(rendering));

  test("they believe proxies only where some are in front of them", () => {
    for (const name of ["gateway", "storefront", "admin"]) {
      equal(told({}, name)["TRUSTED_PROXIES"], undefined);
      match(
        told({ values: { ingress: { enabled: true } } }, name)["TRUSTED_PROXIES"] ?? "",
        /^10\.0\.0\.0\/8,/,
      );
    }
    equal(told({ values: { ingress: { enabled: true } } }, "catalog")["TRUSTED_PROXIES"], undefined);
  });

  test("HSTS is as long as the value says, and off with 0", () => {
    for (const name of ["gateway", "storefront", "admin"]) {
      const setting = `${name.toUpperCase()}_HSTS_SECONDS`;
      equal(told({}, name)[setting], "31536000");
      equal(told({ values: { tls: { hstsSeconds: 0 } } }, name)[setting], "0");
    }
  });
});

describe("certificates of the services (S2-142, S4-118, C49)", options, () => {
  const rendering = { values: { tls: { enabled: true, http: true } } };
  interface Certificate {
    secretName: string;
    dnsNames: string[];
    usages: string[];
    issuerRef: { name: string; kind: string };
  }

  test("every service has one, which names each of its Services", () => {
    const objects = render(rendering);
    for (const { name } of facts.services) {
      const { spec } = other<Certificate>(objects, "Certificate", `${name}-tls`);
      const services = byKind(objects, "Service").filter(
        (service) => service.spec.selector?.["component"] === name,
      );
      ok(services.length > 0, name);
      for (const { metadata } of services)
        for (const suffix of ["", ".ecommerce", ".ecommerce.svc", ".ecommerce.svc.cluster.local"])
          ok(spec.dnsNames.includes(`${metadata.name}${suffix}`), `${metadata.name}${suffix}`);
      deepEqual(spec.usages, ["digital signature", "server auth", "client auth"]);
      deepEqual([spec.issuerRef.kind, spec.issuerRef.name], ["Issuer", "stoa-ca"]);
    }
  });

  test("pods mount what they are told of, and the program takes it: mutual TLS, and https where addresses say so", async () => {
    const objects = render(rendering);
    const folder = testFolder();
    const authority = testAuthority();
    for (const { name, ports } of facts.services) {
      const [pods] = podsOf(objects).filter(({ labels }) => labels["component"] === name);
      const volume = pods?.template.spec.volumes?.find((one) => one.name === "tls");
      const { spec } = other<Certificate>(objects, "Certificate", `${name}-tls`);
      equal(volume?.secret?.secretName, spec.secretName);
      const container = containerOf(objects, name);
      const mount = container.volumeMounts?.find((one) => one.name === "tls");
      ok(mount?.readOnly);
      const made = authority.sign(name, spec.dnsNames);
      folder.write("tls.crt", made.cert);
      folder.write("tls.key", made.key);
      folder.write("ca.crt", authority.cert);
      const environment = environmentOf(container, objects);
      equal(environment["GRPC_TLS"], "mutual");
      equal(environment["HTTP_TLS"], ports.http === undefined ? undefined : "on");
      for (const [setting, value] of Object.entries(environment)) {
        if (value.startsWith(`${mount.mountPath}/`))
          environment[setting] = folder.path(value.slice(mount.mountPath.length + 1));
        if (/^(GATEWAY|STOREFRONT|ADMIN)_URL$/.test(setting)) match(value, /^https:/);
      }
      const [service] = await loadServices(shop, (one) => one === name);
      const { faults } = await checkSettings(shop, environment, service ? { service } : {});
      deepEqual(faults, [], name);
    }
  });

  test("probes follow: https on a port that speaks it, http on operations ports", () => {
    const httpProbe = { path: "/ready", port: "http", periodSeconds: 5 };
    const values = { ...rendering.values, services: { storefront: { probes: { readiness: httpProbe } } } };
    const { readinessProbe, livenessProbe } = containerOf(render({ values }), "storefront");
    equal(readinessProbe?.httpGet?.scheme, "HTTPS");
    equal(livenessProbe?.httpGet?.scheme, undefined);
    const plain = containerOf(render({ values: { services: values.services } }), "storefront");
    equal(plain.readinessProbe?.httpGet?.scheme, undefined);
  });

  test("an issuer of somebody else's takes the place of the chart's", () => {
    const issuer = { create: false, name: "shop-ca", kind: "ClusterIssuer" };
    const objects = render({ values: { tls: { enabled: true, issuer } } });
    deepEqual(
      objects.filter(({ kind }) => kind === "Issuer"),
      [],
    );
    const { spec } = other<Certificate>(objects, "Certificate", "cart-tls");
    deepEqual([spec.issuerRef.kind, spec.issuerRef.name], ["ClusterIssuer", "shop-ca"]);
  });

  test("and nothing of it is there unless a value asks for it", () => {
    const objects = render({});
    deepEqual(
      objects.filter(({ apiVersion }) => apiVersion.startsWith("cert-manager.io")),
      [],
    );
    equal(environmentOf(containerOf(objects, "cart"), objects)["GRPC_TLS"], undefined);
  });
});

describe("a mesh (S2-81, S2-141, S2-143, S3-116)", options, () => {
  const isService = (component: string | undefined) => facts.services.some(({ name }) => name === component);

  test("Linkerd takes services in, and neither stores nor Jobs", () => {
    for (const { labels, template, owner } of podsOf(render(chartRenderings["linkerd"])))
      equal(
        template.metadata?.annotations?.["linkerd.io/inject"],
        isService(labels["component"]) ? "enabled" : undefined,
        owner,
      );
  });

  test("Istio does, too; everything is mutual TLS but what others have to reach", () => {
    const objects = render(chartRenderings["istio"]);
    for (const { labels, owner } of podsOf(objects))
      equal(labels["sidecar.istio.io/inject"], isService(labels["component"]) ? "true" : undefined, owner);
    interface Peer {
      mtls: { mode: string };
      portLevelMtls: Record<string, { mode: string }>;
    }
    equal(other<Peer>(objects, "PeerAuthentication", "shop").spec.mtls.mode, "STRICT");
    for (const { name, ports } of facts.services) {
      const { spec } = other<Peer>(objects, "PeerAuthentication", name);
      const open = ["gateway", "storefront"].includes(name)
        ? [ports.operations, ports.http]
        : [ports.operations];
      deepEqual(Object.keys(spec.portLevelMtls).sort(), open.map(String).sort(), name);
    }
    const { spec } = other<{ tracing: { providers: { name: string }[] }[] }>(objects, "Telemetry", "shop");
    deepEqual(spec.tracing[0]?.providers, [{ name: "otel" }]);
  });

  test("ports say what they speak, so that a mesh need not guess", () => {
    for (const { spec, metadata } of byKind(render({}), "Service"))
      for (const { appProtocol, targetPort } of spec.ports)
        if (isService(metadata.labels?.["component"]))
          equal(appProtocol, targetPort === "grpc" ? "grpc" : "http", metadata.name);
  });
});
