// What the commands import and export say, leave behind and end with.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { readCommandLine } from "../../commands/command-line.ts";
import { exitCodeOf } from "../../commands/failure.ts";
import { commands } from "../../commands/index.ts";
import { testContext } from "./test-context.ts";

const folder = await mkdtemp(join(tmpdir(), "stoa-in-and-out-"));
after(async () => await rm(folder, { recursive: true, force: true }));
const catalogUrl = await testDatabaseUrl("catalog");
const environment = {
  DATABASE_URL: catalogUrl,
  CATALOG_DATABASE_URL: catalogUrl,
  ORDER_DATABASE_URL: await testDatabaseUrl("order"),
  LOG_LEVEL: "error",
};

/** Runs a command line as main does, and tells what it printed and ended with. */
async function run(...words: string[]): Promise<{ code: number; said: string; failure: string }> {
  const asked = readCommandLine(commands, words);
  assert.equal(asked.kind, "run");
  const lines: string[] = [];
  const context = { ...testContext(asked, (line) => lines.push(line)), environment };
  const work = await asked.command.load();
  try {
    await work(context);
    return { code: 0, said: lines.join("\n"), failure: "" };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { code: exitCodeOf(error), said: lines.join("\n"), failure };
  }
}

it("an import that leaves a line out says so, keeps the line with its reason, and ends with code 1", async () => {
  const file = join(folder, "goods.csv");
  await writeFile(
    file,
    'code,name,price,category\nCOMMANDGO1,"=Tea",3,tea\nCOMMANDGO2,"Lone,4,tea\nCOMMANDGO3,Mug,,tea\n',
  );
  const { code, said, failure } = await run("import", file);
  assert.equal(code, 1);
  assert.match(said, /line 3 was left out: begins a text in quotation marks/);
  assert.match(said, /^1 products added, 0 updated, 0 as they were, 2 left out/m);
  assert.match(failure, /^2 lines were left out\./);
  const report = await readFile(`${file}.left-out.csv`, "utf8");
  assert.deepEqual(
    report.split("\r\n").map((line) => line.slice(0, 2)),
    ["li", "3,", "4,", ""],
  );
  assert.ok(report.includes('"COMMANDGO2,""Lone,4,tea"'));
  const counted = await run("import", file, "--json", "--report", join(folder, "elsewhere.csv"));
  assert.equal(counted.code, 1);
  const { report: path, ...counts } = JSON.parse(counted.said.slice(counted.said.indexOf("{")));
  assert.deepEqual(counts, { created: 0, updated: 0, unchanged: 1, leftOut: 2 });
  assert.ok(existsSync(path));
});

it("what is exported is a whole file or none, and an import takes it back", async () => {
  for (const format of ["csv", "ndjson", "json"]) {
    const file = join(folder, `out.${format}`);
    assert.deepEqual((await run("export", "products", "--out", file)).failure, "");
    assert.ok(!existsSync(`${file}.part`));
    const { code, said } = await run("import", file);
    assert.equal(code, 0, said);
    assert.match(said, /0 products added, 0 updated, 1 as they were, 0 left out/);
  }
  const orders = join(folder, "orders.csv");
  assert.equal((await run("export", "orders", "--out", orders)).failure, "");
  assert.match(await readFile(orders, "utf8"), /^orderNumber,createdAt,status,/);
  const unwritable = await run("export", "products", "--out", join(folder, "nowhere", "out.csv"));
  assert.equal(unwritable.code, 1);
  assert.equal((await run("export", "orders", "--format", "json")).code, 2);
});
