import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { RedisUrl } from "./redis-url.ts";

const place = (text: string) => new RedisUrl(text).place;

test("a URL names one server, with account, password and number", () => {
  const plain = place("redis://cache");
  assert.deepEqual(
    [plain.mode, plain.isEncrypted, plain.nodes],
    ["single", false, [{ host: "cache", port: 6379 }]],
  );
  const full = place("rediss://ada:p%40ss%2Fword@[::1]:7000/3");
  assert.deepEqual(
    [full.isEncrypted, full.nodes, full.username, full.password, full.database],
    [true, [{ host: "::1", port: 7000 }], "ada", "p@ss/word", 3],
  );
  assert.deepEqual(
    [place("redis://:secret@h").username, place("redis://:secret@h").password],
    [undefined, "secret"],
  );
});

test("a URL names the Sentinels of a master, or nodes of a cluster", () => {
  const sentinel = place(
    "redis+sentinel://:inner@a,b:1234/shop/2?sentinel_username=s&sentinel_password=outer",
  );
  assert.deepEqual(
    [sentinel.mode, sentinel.nodes, sentinel.masterName, sentinel.database, sentinel.password],
    [
      "sentinel",
      [
        { host: "a", port: 26379 },
        { host: "b", port: 1234 },
      ],
      "shop",
      2,
      "inner",
    ],
  );
  assert.deepEqual([sentinel.sentinelUsername, sentinel.sentinelPassword], ["s", "outer"]);
  const cluster = place("rediss+cluster://u:p@a:1,b:2");
  assert.deepEqual([cluster.mode, cluster.isEncrypted, cluster.nodes.length], ["cluster", true, 2]);
});

test("what cannot be meant is refused in a sentence without the password", () => {
  for (const [text, says] of [
    ["http://:hidden@a", /must be redis:/],
    ["redis://:hidden@a:99999", /must be redis:/],
    ["redis://:hidden@a,b", /several servers/],
    ["redis+sentinel://:hidden@a", /name the master/],
    ["redis+cluster://:hidden@a/1", /only one/],
    ["redis://:hidden@a/x", /must be redis:/],
    ["redis://:hidden@a?timeout=1", /means nothing here: timeout/],
    ["redis://:hid%en@a", /% that begins no code/],
  ] as const)
    assert.throws(
      () => new RedisUrl(text),
      (error: Error) => says.test(error.message) && !error.message.includes("hid"),
      text,
    );
});

test("it prints without its passwords, wherever it is printed", () => {
  const url = new RedisUrl("redis+sentinel://ada:hidden@a:1/shop?sentinel_password=hidden2");
  for (const text of [String(url), JSON.stringify({ url }), inspect({ url }), `${inspect(url)}`])
    assert.ok(!text.includes("hidden") && text.includes("redis+sentinel://***@a:1/shop"), text);
});
