import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { AuditConfig, auditedServices } from "../audit/config.ts";
import { shop } from "../shop.ts";
import { commonFacts, constellationOf, type ServiceFacts } from "./constellation.ts";
import { auditRole, backendRole, rolesOf } from "./roles.ts";

const services = await constellationOf(shop);
const serviceOf = (name: string): ServiceFacts =>
  services.find((service) => service.name === name) ?? assert.fail(`There is no service ${name}.`);

test("the audit's role reads the database of each service it audits, under a setting that it knows, and calls nobody", () => {
  const role = auditRole(services);
  assert.deepEqual(
    role.reads.map(({ service }) => service),
    [...auditedServices],
  );
  for (const { service, database, setting } of role.reads) {
    assert.equal(database, serviceOf(service).database);
    assert.ok(setting in AuditConfig, setting);
  }
  assert.deepEqual([role.ports, role.connections], [{ operations: 8080 }, []]);
  const names = role.settings.map(({ name }) => name);
  assert.deepEqual([...names].sort(), ["AUDIT_SECONDS", ...Object.keys(AuditConfig)].sort());
});

test("deploy/services.json has every role, and says whom a service reaches outside of the shop by its settings", () => {
  const deployed = JSON.parse(readFileSync("deploy/services.json", "utf8")) as { roles: unknown };
  assert.deepEqual(deployed.roles, JSON.parse(JSON.stringify(rolesOf(shop, services))));
  const broker = { setting: "EVENTS_URL", default: null };
  for (const name of ["user", "payment", "order"])
    assert.deepEqual(
      serviceOf(name).outside.find(({ port }) => port === "event-broker"),
      {
        port: "event-broker",
        setting: "EVENTS_URL",
        default: "none",
        reaches: [
          { choice: "http", ...broker, ports: { http: 80 } },
          { choice: "https", ...broker, ports: { https: 443 } },
          { choice: "amqp", ...broker, ports: { amqp: 5672 } },
          { choice: "amqps", ...broker, ports: { amqps: 5671 } },
        ],
      },
    );
  assert.deepEqual(serviceOf("cart").outside, []);
});

test("an implementation that asks somebody outside says by which setting, and on which ports", () => {
  const reached = services.flatMap(({ name, outside }) =>
    outside
      .filter(({ port }) => port !== "event-broker")
      .flatMap(({ port, reaches }) =>
        reaches.map(({ choice, setting, ports }) => [name, port, choice, setting, ports]),
      ),
  );
  const web = { http: 80, https: 443 };
  assert.deepEqual(reached, [
    ["currency", "currency-rates", "ecb", "CURRENCY_ECB_URL", web],
    ["payment", "payment", "stripe", "STRIPE_API_BASE", web],
    ["email", "mail-transport", "smtp", "EMAIL_SMTP_URL", { smtp: 587, smtps: 465 }],
  ]);
  assert.equal(serviceOf("payment").outside[0]?.default, null, "a payment provider must be named");
  assert.equal(serviceOf("catalog").outside[0]?.default, "database");
  for (const { settings, secrets, outside } of services) {
    const known = [...settings.map(({ name }) => name), ...secrets];
    for (const { reaches } of outside)
      for (const { setting } of reaches) assert.ok(known.includes(setting), setting);
  }
});

test("Redis and traces are reached by the settings that name them", () => {
  const asking = services.filter(({ redis }) => redis.length > 0);
  assert.deepEqual(
    asking.map(({ name, redis }) => [name, redis]),
    [["cart", ["CART_REDIS_URL"]]],
  );
  const { redis, outside } = commonFacts(shop);
  assert.deepEqual(redis, ["REDIS_URL"]);
  assert.deepEqual(
    outside.flatMap(({ port, setting, reaches }) => reaches.map(({ ports }) => [port, setting, ports])),
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].flatMap((setting) => [
      ["traces", setting, { http: 80 }],
      ["traces", setting, { https: 443 }],
    ]),
  );
});

test("a role reaches databases and the API server by what it is for, and only the look from inside speaks to services", () => {
  const roles = rolesOf(shop, services).map(({ name, databases, asksKubernetes, connections }) => {
    return [name, databases, asksKubernetes, connections.map(({ to }) => to)];
  });
  assert.deepEqual(roles, [
    ["audit", "reads", false, []],
    ["secrets", null, true, []],
    ["databases", "administers", false, []],
    ["migrate", "owns", false, []],
    ["backup", "administers", false, []],
    ["test", null, false, ["gateway", "storefront"]],
    ["backend", "owns", false, []],
  ]);
});

test("the back end in one process runs every service but the storefront, behind the ports that it has by default", () => {
  const { runs, ports } = backendRole(shop);
  assert.deepEqual(
    runs,
    services.map(({ name }) => name).filter((name) => name !== "storefront"),
  );
  assert.deepEqual(ports, { grpc: 50051, http: 8080, operations: 8081 });
});
