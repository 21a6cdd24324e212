// compose.yaml is held against the specification, against the code, and against what it promises of every container.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseEnv } from "node:util";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { shop } from "../../shop.ts";
import { checkSettings } from "../../commands/check-settings.ts";
import { makeSecrets } from "../../commands/secrets.ts";
import { withSettingsFromFiles } from "../../commands/settings-from-files.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { readCompose, type ComposeFile } from "../../test/images/compose-file.ts";
import { testContext } from "../../test/program/test-context.ts";
import { images, startFile } from "./build-root.ts";

const repository = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");
const composePath = join(repository, "compose.yaml");
const file = readCompose(composePath);
const everything = parseEnv(read("deploy/compose/everything.env")) as Record<string, string>;
const constellation = JSON.parse(read("deploy/services.json")) as {
  readonly services: readonly {
    readonly name: string;
    readonly database: string | null;
    readonly ports: { readonly grpc?: number; readonly http?: number };
    readonly connections: readonly { readonly to: string }[];
    readonly outside: readonly unknown[];
  }[];
};
const own = Object.entries(file.services).filter(([, { image }]) => image.startsWith("ecommerce/"));
const networksOf = (name: string) => file.services[name]?.networks ?? [];
const meets = (a: string, b: string) => networksOf(a).some((network) => networksOf(b).includes(network));

test("it keeps to the schema of the Compose specification", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, allErrors: true });
  const isValid = ajv.compile(JSON.parse(read("deploy/compose/schema/compose-spec.json")) as object);
  const whole = parse(read("compose.yaml"), { merge: true }) as object;
  ok(isValid(whole), JSON.stringify(isValid.errors?.slice(0, 5)));
  ok(!isValid({ ...whole, services: { cart: { image: "x", memroy: 1 } } }), "a misspelt key is refused");
});

test("every service of the shop is in it, with its own image, and runs by its name", () => {
  for (const { name } of constellation.services) {
    const service = file.services[name];
    deepStrictEqual(service?.command, ["serve", name]);
    ok(service.image.startsWith(`ecommerce/${name}:`), name);
  }
  for (const [name, { image }] of own) {
    const [, of = ""] = /^ecommerce\/([^:]+):/.exec(image) ?? [];
    ok(images.includes(of), `${name} runs ${image}, which is built`);
  }
});

test("each is where the others look for it", () => {
  const { environment = {} } = file.services["gateway"] ?? {};
  for (const { name, ports } of constellation.services) {
    const address = ports.http === undefined ? `${name}:${ports.grpc}` : `http://${name}:${ports.http}`;
    strictEqual(environment[`${name.toUpperCase()}_URL`], address);
  }
});

describe("the networks", () => {
  test("let every connection of the code through", () => {
    for (const { name, connections } of constellation.services)
      for (const { to } of connections) ok(meets(name, to), `${name} reaches ${to}`);
    for (const { name, database } of constellation.services)
      strictEqual(meets(name, "postgres"), database !== null, `${name} and PostgreSQL`);
    for (const name of ["redis", "rabbitmq", "telemetry"])
      ok(meets("order", name) && meets("cart", name), name);
  });

  test("keep the database apart, and let out those alone that have something outside", () => {
    ok(file.networks["database"]?.internal && file.networks["shop"]?.internal);
    const servers = ["postgres", "databases", "audit", "seed-ports"];
    const inside = Object.keys(file.services).filter((name) => networksOf(name).includes("database"));
    const expected = constellation.services.flatMap(({ name, database }) =>
      database === null ? [] : [name],
    );
    deepStrictEqual(inside.sort(), [...expected, ...servers].sort());
    for (const { name, outside } of constellation.services)
      strictEqual(networksOf(name).includes("outside"), outside.length > 0 || name === "gateway", name);
  });
});

test("containers change nothing of themselves, gain no rights, and have limits", () => {
  for (const [name, service] of Object.entries(file.services)) {
    ok(service.deploy?.resources.limits.memory, `${name} has a limit of memory`);
    if (service.profiles?.includes("rabbitmq")) continue;
    ok(service.read_only, `${name} is read-only`);
    deepStrictEqual(service.cap_drop, ["ALL"], name);
    ok(!/^(0|root)?(:|$)/.test(service.user ?? ""), `${name} is not root`);
  }
  for (const [name, service] of own) {
    strictEqual(service.user, "1001:1001", name);
    strictEqual(service.deploy?.resources.limits.memory, "128M", name);
    ok(service.init && service.restart, name);
    if (!service.healthcheck?.disable)
      strictEqual(service.healthcheck?.test?.[0], "CMD", `${name} needs no shell`);
  }
});

test("images from elsewhere are pinned by their digest, and ports are open to this machine alone", () => {
  for (const { image, ports = [] } of Object.values(file.services)) {
    if (!image.startsWith("ecommerce/")) match(image, /:[\w.-]+@sha256:[0-9a-f]{64}$/);
    for (const port of ports) match(port, /^127\.0\.0\.1:/);
  }
});

test("everybody waits for whom it needs, and all that is named is there", () => {
  for (const [name, service] of Object.entries(file.services)) {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const { healthcheck } = file.services[other] ?? {};
      const expected = healthcheck?.disable ? "service_completed_successfully" : "service_healthy";
      strictEqual(condition, expected, `${name} waits for ${other}`);
      ok(healthcheck, `${other} tells how it is`);
    }
    for (const secret of service.secrets ?? [])
      ok(
        file.secrets[typeof secret === "string" ? secret : secret.source],
        `${name}: ${JSON.stringify(secret)}`,
      );
  }
  for (const { file: path } of Object.values(file.configs)) ok(existsSync(join(repository, path)), path);
});

describe("its settings", () => {
  const folder = mkdtempSync(join(tmpdir(), "stoa-compose-"));
  before(async () => {
    await makeSecrets(testContext({ kind: "run", args: [folder], options: {} } as never, () => undefined));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const faultsIn = async (compose: ComposeFile) => {
    const faults: string[] = [];
    for (const service of await loadServices(shop)) {
      const said = Object.entries(compose.services[service.name]?.environment ?? {});
      const environment = Object.fromEntries(
        said
          .filter(([, value]) => value !== "")
          .map(([name, value]) => [name, value.replace("/run/secrets", folder)]),
      );
      const { faults: found } = await checkSettings(shop, await withSettingsFromFiles(shop, environment), {
        service,
      });
      faults.push(...found.map((fault) => `${service.name}: ${fault}`));
    }
    return faults;
  };

  test("are usable for every service, plain and with all profiles", async () => {
    deepStrictEqual(await faultsIn(file), []);
    deepStrictEqual(await faultsIn(readCompose(composePath, everything)), []);
  });

  test("let all services count together in the profile redis, and tell nobody of a Redis without it", () => {
    const withAll = readCompose(composePath, everything);
    for (const { name } of constellation.services) {
      strictEqual(withAll.services[name]?.environment?.["REDIS_URL_FILE"], "/run/secrets/redis_url", name);
      ok(withAll.services[name]?.secrets?.includes("redis_url"), `${name} may read it`);
      ok(meets(name, "redis"), `${name} reaches it`);
      strictEqual(file.services[name]?.environment?.["REDIS_URL_FILE"], "", name);
    }
  });

  test("come with no password: every secret is a file that is made, and every file that is made is used", () => {
    for (const [name, { environment = {} }] of Object.entries(file.services))
      for (const [setting, value] of Object.entries(environment)) {
        ok(
          !/(PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL|REDIS_URL|EVENTS_URL)$/.test(setting),
          `${name}: ${setting}`,
        );
        ok(!/:[^/@]+@/.test(value), `${name}: ${setting} holds a password`);
      }
    for (const { file: path } of Object.values(file.secrets))
      ok(existsSync(join(folder, path.replace(/^.*\//, ""))), path);
  });
});

describe("the Dockerfile", () => {
  const lines = read("Dockerfile").replaceAll("\\\n", " ").split("\n");
  const instructions = lines.filter((line) => /^[A-Z]+ /.test(line));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith("FROM ")));
  const of = (name: string) =>
    last.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

  test("builds both stages on one base, pinned by its digest", () => {
    match(instructions[0] ?? "", /^ARG NODE_IMAGE=\S+@sha256:[0-9a-f]{64}$/);
    deepStrictEqual(
      instructions.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1]),
      ["${NODE_IMAGE}", "${NODE_IMAGE}"],
    );
  });

  test("ends in an image that takes the root file system as the script built it, and runs nothing while it is built", () => {
    deepStrictEqual(of("COPY"), ["--from=build /image/root/ /"]);
    for (const name of ["RUN", "ADD", "SHELL"]) deepStrictEqual(of(name), []);
    deepStrictEqual(of("USER"), ["1001:1001"]);
    deepStrictEqual(of("STOPSIGNAL"), ["SIGTERM"]);
    ok(of("LABEL")[0]?.includes("org.opencontainers.image.licenses"));
  });

  test("needs no shell: commands are lists of words, and what they name is in the image", () => {
    for (const line of instructions.filter((one) => /^(RUN|CMD|ENTRYPOINT|HEALTHCHECK) /.test(one)))
      match(line, /\[("[^"]*"(, )?)+\]$/, line);
    ok(of("ENTRYPOINT")[0]?.includes(`"/app/${startFile}"`));
    ok(of("HEALTHCHECK")[0]?.endsWith('CMD ["node", "/app/bin/healthcheck.mjs"]'));
  });

  test("sends the builder no secret: only folders of the program are let in", () => {
    const [first, ...rules] = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    strictEqual(first, "*");
    for (const rule of rules.filter((line) => line.startsWith("!")))
      ok(existsSync(join(repository, rule.slice(1))), rule);
    ok(!rules.includes("!secrets"));
  });
});
