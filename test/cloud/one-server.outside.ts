// The files for a shop on one machine, and what is in them that the shop has to know.
import { match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseEnv } from "node:util";

const deploy = join(import.meta.dirname, "../../deploy");
const read = (path: string) => readFileSync(join(deploy, path), "utf8");

interface Part {
  readonly settings: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly secrets: readonly string[];
}
const { common, services } = JSON.parse(read("services.json")) as {
  readonly common: Part;
  readonly services: readonly Part[];
};
const known = new Set([
  "NODE_ENV",
  ...[common, ...services].flatMap(({ settings, secrets }) => [
    ...settings.map(({ name }) => name),
    ...secrets,
  ]),
]);

test("every setting of the example is one of the program's, and no secret is filled in", () => {
  const settings = parseEnv(read("one-server/stoa.env"));
  for (const name of Object.keys(settings)) ok(known.has(name), name);
  ok(!known.has("SHOP_ADRESS"), "a misspelt one is found");
  for (const name of ["DATABASE_URL", "EMAIL_SMTP_URL"]) match(settings[name] ?? "", /:PASSWORD@/);
});

test("both proxies take TLS 1.3 only, and say anew who the client is (S4-116, S4-109)", () => {
  const nginx = read("one-server/nginx.conf");
  match(nginx, /ssl_protocols +TLSv1\.3;/);
  match(nginx, /X-Forwarded-For +\$remote_addr;/);
  const caddy = read("one-server/Caddyfile");
  match(caddy, /protocols tls1\.3\n/);
  match(caddy, /header_up X-Forwarded-For \{remote_host\}/);
});

test("the service has no rights, and more time to end than the shop takes", () => {
  const unit = read("one-server/stoa.service");
  for (const line of ["NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n", "User=stoa"])
    ok(unit.includes(line), line);
  const drain = Number(
    JSON.stringify(common).match(/"name":"DRAIN_SECONDS","type":"integer","default":"(\d+)"/)?.[1],
  );
  ok(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1]) > drain);
});
