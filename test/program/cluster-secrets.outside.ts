// The Secrets of a cluster, made by one Job or by twenty at once, over a stand-in of the API server.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { readCommandLine } from "../../commands/command-line.ts";
import { commands } from "../../commands/index.ts";
import { clusterSecrets, makeClusterSecrets } from "../../commands/kubernetes-secrets.ts";
import { makeSecrets } from "../../commands/secrets.ts";
import { testFolder } from "#platform/testing/certificates.ts";
import { openApiStandIn } from "./api-stand-in.ts";
import { testContext } from "./test-context.ts";

const files = testFolder();
const names = Object.values(clusterSecrets);

describe("secrets make --kubernetes", () => {
  let api: Awaited<ReturnType<typeof openApiStandIn>>;
  before(async () => {
    api = await openApiStandIn(files);
  });
  after(() => api.standIn.close());
  beforeEach(() => {
    api.standIn.secrets.clear();
    api.standIn.asked.length = 0;
    api.standIn.makesBeforeCut = Number.POSITIVE_INFINITY;
    api.standIn.refusal = undefined;
  });

  async function make(words: string[] = [], patienceMs = 0): Promise<string> {
    const lines: string[] = [];
    const asked = readCommandLine(commands, ["secrets", "make", "--kubernetes", ...words]);
    assert.ok(asked.kind === "run");
    const context = { ...testContext(asked, (line) => lines.push(line)), environment: api.environment };
    await makeClusterSecrets(context, { folder: api.folder, patienceMs });
    return lines.join("\n");
  }
  const text = (name: string, key: string) => api.standIn.text(name, key);
  const contents = () =>
    JSON.stringify([...api.standIn.secrets.entries().map(([name, { data }]) => [name, data])]);

  /** Every password that stands in two places is the same there. */
  function requireAgreement(): void {
    const superuser = text("stoa-postgres", "POSTGRES_PASSWORD");
    assert.match(superuser, /^[\w-]{43}$/);
    assert.equal(
      text("stoa-databases", "database-url"),
      `postgres://postgres:${superuser}@postgres-service:5432/postgres`,
    );
    assert.equal(text("stoa-redis", "url"), `redis://:${text("stoa-redis", "password")}@redis:6379/0`);
    assert.equal(
      text("stoa-rabbitmq", "url"),
      `amqp://stoa:${text("stoa-rabbitmq", "password")}@rabbitmq:5672`,
    );
  }

  it("makes every secret of a shop, marked with who made it, and says no password", async () => {
    const said = await make(["--labels", "app=stoa,environment=dev", "--admin-email", "ada@example.com"]);
    assert.deepEqual([...api.standIn.secrets.keys()].sort(), [...names].sort());
    requireAgreement();
    assert.match(
      text("stoa-databases", "cart-database-url"),
      /^postgres:\/\/stoa_cart:[\w-]{43}@postgres-service:5432\/carts_db$/,
    );
    assert.match(text("stoa-databases", "audit-order-database-url"), /^postgres:\/\/stoa_order_reader:/);
    assert.equal(text("stoa-admin", "email"), "ada@example.com");
    assert.notEqual(text("api-keys", "PRODUCT_API_KEY"), text("api-keys", "ORDER_API_KEY"));
    for (const { metadata, type } of api.standIn.secrets.values()) {
      assert.equal(type, "Opaque");
      assert.deepEqual(metadata.labels, {
        app: "stoa",
        environment: "dev",
        "app.kubernetes.io/managed-by": "stoa-secrets",
      });
      assert.match(metadata.annotations?.["stoa/made-by"] ?? "", /^stoa secrets make/);
    }
    assert.doesNotMatch(said, /[\w-]{43}/);
    for (const name of names) assert.match(said, new RegExp(`The Secret ${name} was made`));
  });

  it("changes none that is there, and makes one that is missing", async () => {
    await make();
    const before = contents();
    assert.match(await make(), /7 of 7 Secrets were there already; none was changed/);
    assert.equal(contents(), before);
    api.standIn.secrets.delete("stoa-admin");
    assert.match(await make(), /stoa-admin was made/);
    assert.notEqual(contents(), before);
    requireAgreement();
    assert.ok(api.standIn.asked.every((line) => /^(GET|POST) /.test(line)));
  });

  it("makes the same secrets once when twenty run at once", async () => {
    const said = await Promise.all(Array.from({ length: 20 }, () => make()));
    requireAgreement();
    for (const name of names)
      assert.equal(said.filter((lines) => lines.includes(`${name} was made`)).length, 1, name);
  });

  it("is finished by the next run after a crash at any point, also of many at once", async () => {
    for (let made = 0; made < names.length; made += 1) {
      api.standIn.secrets.clear();
      api.standIn.makesBeforeCut = made;
      await assert.rejects(make(), /does not answer/);
      const left = [...api.standIn.secrets];
      assert.equal(left.length, made + 1);
      api.standIn.makesBeforeCut = Number.POSITIVE_INFINITY;
      await Promise.all([make(), make(), make()]);
      requireAgreement();
      for (const [name, object] of left) assert.equal(api.standIn.secrets.get(name), object, name);
    }
  });

  it("makes the superuser's Secret anew from the URLs when only that one was lost", async () => {
    await make();
    const password = text("stoa-postgres", "POSTGRES_PASSWORD");
    api.standIn.secrets.delete("stoa-postgres");
    await make();
    assert.equal(text("stoa-postgres", "POSTGRES_PASSWORD"), password);
    api.standIn.secrets.delete("stoa-databases");
    await make();
    requireAgreement();
  });

  it("makes only what is asked for, for the servers that are named, from a Secret that others made", async () => {
    const data = { POSTGRES_USER: "root", POSTGRES_PASSWORD: "p@ss/word", POSTGRES_DB: "main" };
    const encoded = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    );
    const foreign = { apiVersion: "v1", kind: "Secret", metadata: { name: "rds" }, data: encoded };
    api.standIn.secrets.set("rds", foreign);
    await make(["--only", "databases,keys", "--postgres", "db.example.com:5433", "--postgres-secret", "rds"]);
    assert.deepEqual([...api.standIn.secrets.keys()].sort(), ["rds", "stoa-databases", "stoa-keys"]);
    assert.equal(
      text("stoa-databases", "database-url"),
      "postgres://root:p%40ss%2Fword@db.example.com:5433/main",
    );
    assert.match(text("stoa-databases", "order-database-url"), /@db\.example\.com:5433\/orders_db$/);
  });

  it("says which key a Secret lacks, and leaves it as it is", async () => {
    await make();
    delete api.standIn.secrets.get("stoa-databases")?.data["cart-database-url"];
    const before = contents();
    await assert.rejects(make(), /stoa-databases .* lacks cart-database-url\. .*never changed/);
    assert.equal(contents(), before);
  });

  it("asks a server that refuses it again for a while, and then says what it was refused", async () => {
    api.standIn.refusal = { status: 403, message: 'secrets is forbidden: User "x" cannot create' };
    await assert.rejects(make(), /refuses GET secrets\/stoa-keys .* with 403: secrets is forbidden/);
    const making = make([], 60_000);
    while (api.standIn.asked.length < 2) await new Promise(setImmediate);
    api.standIn.refusal = undefined;
    assert.match(await making, /It is asked again every second\.[^]*stoa-keys was made/);
  });

  it("says what is missing where there is no cluster, and takes no folder", async () => {
    const asked = readCommandLine(commands, ["secrets", "make", "--kubernetes"]);
    assert.ok(asked.kind === "run");
    const context = testContext(asked, () => undefined);
    await assert.rejects(makeSecrets(context), /KUBERNETES_SERVICE_HOST is not set/);
    await assert.rejects(makeSecrets({ ...context, args: ["x"] }), /not both/);
    await assert.rejects(makeSecrets({ ...context, options: {} }), /a folder, such as .\/secrets/);
    await assert.rejects(make(["--only", "postgress"]), /Did you mean postgres\?/);
  });
});
