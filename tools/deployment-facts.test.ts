import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { AuditConfig, auditedServices } from "../audit/config.ts";
import { shop } from "../shop.ts";
import { auditRole, constellationOf, type ServiceFacts } from "./constellation.ts";

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

test("deploy/services.json has the role, and says what each service may have to reach outside of the shop", () => {
  const deployed = JSON.parse(readFileSync("deploy/services.json", "utf8")) as { roles: unknown };
  assert.deepEqual(deployed.roles, [JSON.parse(JSON.stringify(auditRole(services)))]);
  for (const name of ["user", "order"])
    assert.deepEqual(serviceOf(name).outside, [{ port: "event-broker", setting: "EVENTS_URL" }]);
  assert.deepEqual(serviceOf("cart").outside, []);
});
