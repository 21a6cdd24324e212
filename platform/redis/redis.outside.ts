import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startTestRedis, type TestRedis } from "#platform/testing/redis.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { openRedis, redisScript, type Redis } from "./redis.ts";
import { RedisUrl } from "./redis-url.ts";

const skip = skipWithout("redis-server", "redis-cli");

async function open(url: string, changes: { timeoutMs?: number; caFile?: string } = {}): Promise<Redis> {
  const redis = await openRedis({
    url: new RedisUrl(url),
    name: "stoa-test",
    connections: 2,
    timeoutMs: 300,
    clock: systemClock,
    log: silentLog,
    ...changes,
  });
  after(async () => await redis.close());
  return redis;
}
const get = async (redis: Redis, key: string) => await redis.command(key, ["GET", key]);
const set = async (redis: Redis, key: string, value: string) => await redis.command(key, ["SET", key, value]);
const answers = async (redis: Redis) =>
  await get(redis, "any").then(
    () => true,
    () => false,
  );

test(
  "a server with a password is entered with it, by a name of our own, and refuses without",
  { skip },
  async () => {
    const server = await startTestRedis({ password: "one-of-its-own" });
    const redis = await open(server.url);
    await set(redis, "k", "v");
    assert.equal(await get(redis, "k"), "v");
    assert.match(server.ask("CLIENT", "LIST"), /name=stoa-test/);
    server.ask("ACL", "SETUSER", "shop", "on", ">of-the-shop", "~*", "+@all");
    assert.equal(await get(await open(`redis://shop:of-the-shop@127.0.0.1:${server.port}`), "k"), "v");
    const stranger = await open(`redis://:wrong@127.0.0.1:${server.port}`);
    await assert.rejects(get(stranger, "k"), { trouble: "away" });
  },
);

test("a server behind TLS is believed by its authority, and by no other", { skip }, async () => {
  const files = testFolder();
  const authority = testAuthority();
  const { cert, key } = authority.sign();
  const ca = files.write("ca.pem", authority.cert);
  const tls = { ca, cert: files.write("cert.pem", cert), key: files.write("key.pem", key) };
  const server = await startTestRedis({ tls });
  const redis = await open(server.url, { caFile: ca });
  await set(redis, "k", "v");
  assert.equal(await get(redis, "k"), "v");
  const other = await open(server.url, { caFile: files.write("other.pem", testAuthority("another").cert) });
  await assert.rejects(get(other, "k"), { trouble: "away" });
});

test(
  "a script is sent once and then known by its digest, also after the server has forgotten it",
  { skip },
  async () => {
    const server = await startTestRedis();
    const redis = await open(server.url);
    const script = redisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}");
    for (let count = 1; count <= 3; count += 1) {
      assert.deepEqual(await redis.script(script, "n", ["x"]), ["n", "x", count]);
      server.ask("SCRIPT", "FLUSH");
    }
  },
);

test(
  "one that hangs costs its time limit, and no late answer becomes another question's",
  { skip },
  async () => {
    const server = await startTestRedis();
    const redis = await open(server.url);
    await set(redis, "a", "answer of a");
    await set(redis, "b", "answer of b");
    server.hang();
    const startMs = systemClock.monotonicMs();
    await Promise.all(
      Array.from({ length: 50 }, async () => await assert.rejects(get(redis, "a"), { trouble: "unknown" })),
    );
    assert.ok(systemClock.monotonicMs() - startMs < 2_000);
    server.goOn();
    for (let round = 0; round < 200; round += 1)
      assert.equal(await get(redis, "b").catch(() => "answer of b"), "answer of b");
  },
);

test("one that is gone is away at once, and is used again when it is back", { skip }, async () => {
  const server = await startTestRedis({ settings: ["appendonly yes", "appendfsync always"] });
  const redis = await open(server.url);
  await set(redis, "k", "kept");
  await server.kill();
  await eventually("nothing is sent any more", async () => {
    const startMs = systemClock.monotonicMs();
    const trouble = await get(redis, "k").catch(({ trouble }: { trouble: string }) => trouble);
    return trouble === "away" && systemClock.monotonicMs() - startMs < 50;
  });
  await server.start();
  await eventually("it is used again", async () => await answers(redis));
  assert.equal(await get(redis, "k"), "kept");
});

test("one that was away when we started is used when it comes", { skip }, async () => {
  const server = await startTestRedis();
  await server.kill();
  const redis = await open(server.url);
  await assert.rejects(get(redis, "k"), { trouble: "away" });
  await server.start();
  await eventually("it is used", async () => await answers(redis));
});

test("full, read-only and loading are told apart", { skip }, async () => {
  const server = await startTestRedis();
  const redis = await open(server.url);
  await set(redis, "k", "v");
  server.ask("CONFIG", "SET", "maxmemory", "1");
  await assert.rejects(set(redis, "k", "v"), { trouble: "full" });
  const script = redisScript("return redis.call('SET', KEYS[1], 'w')");
  await assert.rejects(redis.script(script, "k", []), { trouble: "full" });
  assert.equal(await get(redis, "k"), "v");
  server.ask("CONFIG", "SET", "maxmemory", "0");
  server.ask("REPLICAOF", "127.0.0.1", "1");
  await eventually("it takes no changes", async () => {
    const trouble = await set(redis, "k", "v").catch((error: { trouble: string }) => error.trouble);
    return trouble === "read-only";
  });
  await assert.rejects(redis.script(script, "k", []), { trouble: "read-only" });
});

test(
  "the master that Sentinels name is used, and the next one after it has died",
  { skip: skip || skipWithout("redis-sentinel") },
  async () => {
    const password = "of-the-shop";
    const master = await startTestRedis({ password });
    const replica = await startTestRedis({ password, settings: [`replicaof 127.0.0.1 ${master.port}`] });
    await eventually("the replica follows", () =>
      replica.ask("INFO", "replication").includes("master_link_status:up"),
    );
    const sentinel = await startTestRedis({
      isSentinel: true,
      settings: [
        `sentinel monitor shop 127.0.0.1 ${master.port} 1`,
        `sentinel auth-pass shop ${password}`,
        "sentinel down-after-milliseconds shop 500",
        "sentinel failover-timeout shop 3000",
      ],
    });
    await eventually("the Sentinel knows the replica", () =>
      sentinel.ask("SENTINEL", "replicas", "shop").includes(String(replica.port)),
    );
    const redis = await open(`redis+sentinel://:${password}@127.0.0.1:${sentinel.port}/shop`);
    await set(redis, "k", "v");
    await eventually("the replica has it", () => replica.ask("GET", "k") === "v");
    await master.kill();
    await eventually("the replica is the master", () => replica.ask("ROLE").startsWith("master"));
    await eventually(
      "it is used",
      async () =>
        await set(redis, "k", "w").then(
          () => true,
          () => false,
        ),
    );
    assert.equal(replica.ask("GET", "k"), "w");
  },
);

test("a cluster is asked where the key is, and all of its keys are found", { skip }, async () => {
  const settings = ["cluster-enabled yes", "cluster-node-timeout 2000"];
  const servers: TestRedis[] = [];
  for (let index = 0; index < 3; index += 1) servers.push(await startTestRedis({ settings }));
  const [first] = servers;
  if (!first) return;
  first.ask("--cluster", "create", ...servers.map(({ port }) => `127.0.0.1:${port}`), "--cluster-yes");
  await eventually("the cluster is whole", () =>
    servers.every((server) => server.ask("CLUSTER", "INFO").includes("cluster_state:ok")),
  );
  const redis = await open(`redis+cluster://127.0.0.1:${first.port}`);
  const names = Array.from({ length: 30 }, (_, index) => `cart:${index}`);
  const script = redisScript("return redis.call('SET', KEYS[1], ARGV[1])");
  for (const name of names) await redis.script(script, name, [name]);
  for (const name of names) assert.equal(await get(redis, name), name);
  const found = new Set<string>();
  for await (const keys of redis.keys("cart:*")) for (const key of keys) found.add(key);
  assert.deepEqual([...found].sort(), [...names].sort());
  assert.ok(servers.every((server) => Number(server.ask("DBSIZE")) > 0));
});
