import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { isPostmasterOf } from "./process-identity.ts";
import { StartError } from "#platform/kit/start-error.ts";

const home = mkdtempSync(join(tmpdir(), "stoa-embedded-"));
const started: EmbeddedPostgres[] = [];
after(async () => {
  for (const postgres of started) await postgres.stop();
  rmSync(home, { recursive: true, force: true });
});

const quiet = { info: () => undefined, error: () => undefined };
async function start(name: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    dataDir: join(home, name),
    log: quiet,
    fsync: false,
    lockWaitMs: 0,
  });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function startThenKill(name: string, alsoPostmaster: boolean): Promise<number> {
  const program = join(import.meta.dirname, "../testing/hold-postgres.ts");
  const child = spawn(process.execPath, [program, join(home, name)], { stdio: ["pipe", "pipe", "inherit"] });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  await query(url, "CREATE TABLE IF NOT EXISTS kept (n int)");
  await query(url, "INSERT INTO kept VALUES (1)");
  const postmaster = postmasterOf(name);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(isPostmasterOf(postmaster, join(home, name, "cluster")), "the server outlives the program");
  if (alsoPostmaster) process.kill(postmaster, "SIGKILL");
  return postmaster;
}

const postmasterOf = (name: string) =>
  Number(readFileSync(join(home, name, "cluster", "postmaster.pid"), "utf8").split("\n")[0]);

async function keptRows(postgres: EmbeddedPostgres): Promise<unknown[]> {
  const rows = await query(postgres.adminUrl, "SELECT n FROM kept");
  await postgres.stop();
  return rows;
}

test("data survives a stop, and a stop frees the folder and ends the server", async () => {
  const first = await start("plain");
  await query(first.adminUrl, "CREATE TABLE kept AS SELECT 1 AS n");
  const postmaster = postmasterOf("plain");
  await first.stop();
  assert.equal(isPostmasterOf(postmaster, join(home, "plain", "cluster")), false);
  assert.deepEqual(await keptRows(await start("plain")), [{ n: 1 }]);
  assert.deepEqual(readdirSync(join(home, "plain")).sort(), ["cluster", "postgres.log", "postgres.log.1"]);
});

test("after kill -9 of the program the next start ends the server left behind and has the data", async () => {
  const orphan = await startThenKill("killed", false);
  const next = await start("killed");
  assert.equal(isPostmasterOf(orphan, join(home, "killed", "cluster")), false);
  assert.deepEqual(await keptRows(next), [{ n: 1 }]);
});

test("after kill -9 of the program and the server the next start has the data", async () => {
  await startThenKill("all-killed", true);
  assert.deepEqual(await keptRows(await start("all-killed")), [{ n: 1 }]);
});

test("a server that is killed is started again on the same port", async () => {
  const postgres = await start("supervised");
  const before = postmasterOf("supervised");
  process.kill(before, "SIGKILL");
  const deadline = performance.now() + 20_000;
  let answer: unknown[] | undefined;
  while (answer === undefined && performance.now() < deadline) {
    answer = await query(postgres.adminUrl, "SELECT 1 AS n").catch(() => undefined);
  }
  assert.deepEqual(answer, [{ n: 1 }]);
  assert.notEqual(postmasterOf("supervised"), before);
  await postgres.stop();
});

test("a second program on the same folder is refused, two on different folders run side by side", async () => {
  const [one, two] = await Promise.all([start("one"), start("two")]);
  await assert.rejects(start("one"), /is in use by another running program/);
  assert.notEqual(one.port, two.port);
  await Promise.all([one.stop(), two.stop()]);
});

test("a server that cannot start is reported with the end of its log, and the folder is free again", async () => {
  await (await start("broken")).stop();
  appendFileSync(join(home, "broken", "cluster", "postgresql.conf"), "no_such_setting = 1\n");
  await assert.rejects(start("broken"), (error: unknown) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /PostgreSQL did not start.*no_such_setting/s);
    return true;
  });
  assert.ok(!readdirSync(join(home, "broken")).some((name) => name.startsWith("in-use-by")));
});

test("words with accents are words, and names sort by code point on every machine", async () => {
  const postgres = await start("letters");
  await query(postgres.adminUrl, "CREATE EXTENSION pg_trgm");
  const found = await query(
    postgres.adminUrl,
    "SELECT show_trgm('é') <> '{}' AS letter, 'Z' < 'a' AS by_code_point",
  );
  assert.deepEqual(found, [{ letter: true, by_code_point: true }]);
  await postgres.stop();
});

test("the password guards the server, and only this machine can reach it", async () => {
  const postgres = await start("guarded");
  const wrong = new URL(postgres.adminUrl);
  wrong.password = "wrong";
  await assert.rejects(query(wrong.href, "SELECT 1"), { code: "28P01" });
  assert.deepEqual(await query(postgres.adminUrl, "SHOW listen_addresses"), [
    { listen_addresses: "127.0.0.1" },
  ]);
  await postgres.stop();
});
