// The secrets of a shop in containers, and the databases that their URLs name.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { readCommandLine } from "../../commands/command-line.ts";
import { makeDatabases } from "../../commands/databases.ts";
import { commands } from "../../commands/index.ts";
import { makeSecrets } from "../../commands/secrets.ts";
import { testContext } from "./test-context.ts";

const folder = mkdtempSync(join(tmpdir(), "stoa-secrets-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const secretsFolder = join(folder, "secrets");
const read = (name: string) => readFileSync(join(secretsFolder, name), "utf8").trim();

function contextOf(words: string[]) {
  const lines: string[] = [];
  const asked = readCommandLine(commands, words);
  assert.ok(asked.kind === "run");
  return { lines, context: testContext(asked, (line) => lines.push(line)) };
}

async function make(): Promise<string> {
  const { lines, context } = contextOf(["secrets", "make", secretsFolder]);
  await makeSecrets(context);
  return lines.join("\n");
}

describe("secrets make", () => {
  it("makes a random secret for everything, in files that only the folder's owner can reach", async () => {
    assert.match(await make(), /^25 secrets were made/);
    assert.equal(statSync(secretsFolder).mode & 0o777, 0o700);
    assert.match(read("service_key"), /^[\w-]{43}$/);
    assert.match(read("cart_database_url"), /^postgres:\/\/stoa_cart:[\w-]{43}@postgres:5432\/carts_db$/);
    assert.match(
      read("audit_order_database_url"),
      /^postgres:\/\/stoa_order_reader:[\w-]{43}@postgres:5432\/orders_db$/,
    );
    const all = readdirSync(secretsFolder).map(read);
    const passwords = all.flatMap((text) => text.match(/[\w-]{43}/g) ?? []);
    // The superuser's, Redis's and RabbitMQ's stand in two files each.
    assert.equal(new Set(passwords).size, passwords.length - 3);
    assert.ok(read("database_url").includes(read("postgres_password")));
  });

  it("changes none that is there, and makes one that is missing", async () => {
    const key = read("service_key");
    assert.match(await make(), /^All 25 secrets .* none was changed/);
    rmSync(join(secretsFolder, "admin_password"));
    assert.match(await make(), /^1 secrets were made/);
    assert.equal(read("service_key"), key);
  });

  it("refuses to make half of two files that hold one password", async () => {
    const kept = read("redis.conf");
    rmSync(join(secretsFolder, "redis_url"));
    await assert.rejects(make, /redis.conf and redis_url .* redis_url is missing/);
    assert.equal(read("redis.conf"), kept);
    rmSync(join(secretsFolder, "redis.conf"));
    await make();
  });
});

describe("databases make", () => {
  let server: EmbeddedPostgres;
  before(async () => {
    server = await startEmbeddedPostgres({
      dataDir: join(folder, "postgres"),
      log: { info: () => undefined, error: console.error },
    });
  });
  after(() => server.stop());

  /** The URLs of the files, but on the server of this test. */
  const environment = (): Record<string, string> => {
    const { host } = new URL(server.adminUrl);
    const urls = readdirSync(secretsFolder).filter((name) => name.endsWith("_database_url"));
    const own = urls.map((name) => [name.toUpperCase(), read(name).replace("postgres:5432", host)]);
    return { ...(Object.fromEntries(own) as Record<string, string>), DATABASE_URL: server.adminUrl };
  };

  it("makes what the URLs name, so that each role enters its own database and no other; three at once are one", async () => {
    const { context } = contextOf(["databases", "make"]);
    const make = async () => await makeDatabases({ ...context, environment: environment() });
    await Promise.all([make(), make(), make()]);
    const { CART_DATABASE_URL = "", AUDIT_ORDER_DATABASE_URL = "" } = environment();
    await query(CART_DATABASE_URL, "create table is_mine (id int)");
    await assert.rejects(
      query(CART_DATABASE_URL.replace("carts_db", "orders_db"), "select 1"),
      /permission denied/,
    );
    await assert.rejects(
      query(AUDIT_ORDER_DATABASE_URL, "create table not_mine (id int)"),
      /read-only|permission denied/,
    );
  });

  it("says which URL is missing, and that it needs a server", async () => {
    const { context } = contextOf(["databases", "make"]);
    const { CART_DATABASE_URL: _, ...others } = environment();
    await assert.rejects(makeDatabases({ ...context, environment: others }), /CART_DATABASE_URL is not set/);
    await assert.rejects(makeDatabases({ ...context, environment: {} }), /DATABASE_URL must name the server/);
  });
});

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}
