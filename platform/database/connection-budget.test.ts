import assert from "node:assert/strict";
import { it } from "node:test";
import type { Logger } from "#platform/telemetry/log.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { checkConnections, tightBudget } from "./connection-budget.ts";

const shop = { server: "db:5432", pools: 11, poolMax: 10, replicas: 1, available: 97, taken: 0 };

it("a server that has enough for all pools of all processes is no word worth", () => {
  assert.equal(tightBudget({ ...shop, available: 110 }), undefined);
  assert.equal(tightBudget({ ...shop, pools: 1, replicas: 9 }), undefined);
});

it("what may run out is said with the sum, and with what to do", () => {
  assert.equal(
    tightBudget(shop),
    "Connections may run out under load: 11 pools of 10 (DATABASE_POOL_MAX) may open 110 connections to the database server at db:5432, which has 97 for them. Set DATABASE_POOL_MAX to 8 or less, or raise its max_connections to 120 or more.",
  );
  assert.match(
    tightBudget({ ...shop, pools: 1, replicas: 10 }) ?? "",
    /one pool of 10 .* in 10 processes \(REPLICAS\) may open 100 .* to 9 or less/,
  );
  assert.match(
    tightBudget({ ...shop, available: 120, taken: 30 }) ?? "",
    /of which others hold 30 now\. Set DATABASE_POOL_MAX to 8/,
  );
  assert.match(
    tightBudget({ ...shop, available: 30, taken: 25 }) ?? "",
    /25 now\. Raise its max_connections/,
  );
});

it("a server that cannot carry the shop at all is refused", () => {
  assert.throws(
    () => tightBudget({ ...shop, replicas: 5 }),
    /^StartError: Too few connections: 11 pools .* Even 2 for each pool/,
  );
});

it("a real server is asked, each once, and an account's own limit counts", async () => {
  const said: string[] = [];
  const log = { ...silentLog, warn: (sentence: string) => said.push(sentence) } as unknown as Logger;
  const url = await testDatabaseUrl("budget");
  await checkConnections([url, url], { poolMax: 1, replicas: 1, log });
  assert.deepEqual(said, []);
  await checkConnections([url, url], { poolMax: 200, replicas: 1, log });
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /2 pools of 200 .* may open 400 connections .* which has 297 for them/);
  await assert.rejects(
    checkConnections([url, url], { poolMax: 10, replicas: 100, log }),
    /Too few connections/,
  );
});
