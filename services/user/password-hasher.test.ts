import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { isReason } from "#platform/kit/errors.ts";
import { canceled, Scope } from "#platform/rpc/scope.ts";
import { PasswordHasher } from "./password-hasher.ts";

const quick = { cost: 4, parallelMax: 2, queueMax: 100 };

test("a hash is bcrypt with the cost that is set, and no two hashes of one password are the same", async () => {
  const hasher = new PasswordHasher({ ...quick, cost: 12 });
  const hashes = [await hasher.hash("tr4in-of-owls"), await hasher.hash("tr4in-of-owls")];
  for (const hash of hashes) assert.match(hash, /^\$2b\$12\$[./A-Za-z0-9]{53}$/);
  assert.notEqual(hashes[0], hashes[1]);
  assert.equal(await hasher.isMatch("tr4in-of-owls", hashes[0]), true);
  assert.equal(await hasher.isMatch("tr4in-of-owlS", hashes[0]), false);
});

test("passwords that differ only behind byte 72 are different passwords", async () => {
  const hasher = new PasswordHasher(quick);
  const beginning = "x".repeat(72);
  const stored = await hasher.hash(`${beginning}a`);
  assert.equal(await hasher.isMatch(`${beginning}a`, stored), true);
  assert.equal(await hasher.isMatch(`${beginning}b`, stored), false);
  assert.equal(await hasher.isMatch(beginning, stored), false);
});

test("a NUL character does not cut a password short", async () => {
  const hasher = new PasswordHasher(quick);
  const stored = await hasher.hash("before\0after");
  assert.equal(await hasher.isMatch("before\0other", stored), false);
});

test("a password typed as composed or decomposed characters is the same password", async () => {
  const hasher = new PasswordHasher(quick);
  assert.equal(await hasher.isMatch("caf\u00e9-caf\u00e9", await hasher.hash("cafe\u0301-cafe\u0301")), true);
});

test("a check for nobody fails and takes as much work as a check for somebody", async () => {
  const hasher = new PasswordHasher({ ...quick, cost: 10 });
  const stored = await hasher.hash("tr4in-of-owls");
  // The time of the processor, not of the clock: other work on the machine does not count.
  const leastUs = { somebody: Infinity, nobody: Infinity };
  for (let round = 0; round < 8; round += 1) {
    for (const [who, hash] of [
      ["somebody", stored],
      ["nobody", undefined],
    ] as const) {
      const started = process.cpuUsage();
      assert.equal(await hasher.isMatch("wrong-password", hash), false);
      leastUs[who] = Math.min(leastUs[who], process.cpuUsage(started).user);
    }
  }
  const ratio = leastUs.nobody / leastUs.somebody;
  assert.ok(ratio > 0.5 && ratio < 2, `nobody takes ${ratio} times as much work as somebody`);
});

test("beyond the queue callers are refused at once, and those who wait are served", async () => {
  const hasher = new PasswordHasher({ ...quick, parallelMax: 2, queueMax: 3 });
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => hasher.hash("tr4in-of-owls")));
  const refused = outcomes.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 5);
  for (const outcome of refused)
    assert.ok(
      outcome.status === "rejected" &&
        isReason(outcome.reason, "SIGN_IN_BUSY") &&
        outcome.reason.retryAfterSeconds,
    );
  assert.match(await hasher.hash("tr4in-of-owls"), /^\$2b\$/);
});

test("no more hashes run at the same time than are allowed", async () => {
  const hasher = new PasswordHasher({ ...quick, parallelMax: 2, queueMax: 50 });
  let running = 0;
  let most = 0;
  const count = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => hasher.hash("tr4in-of-owls", undefined, count)));
  assert.equal(most, 2);
});

test("a caller who gave up while waiting costs no hash", async () => {
  const hasher = new PasswordHasher({ ...quick, parallelMax: 1 });
  const scope = new Scope(systemClock, 10_000);
  const first = hasher.hash("tr4in-of-owls");
  let reached = false;
  const second = hasher.hash("tr4in-of-owls", scope, () => Promise.resolve(void (reached = true)));
  scope.cancel(canceled());
  await assert.rejects(second, { reason: "CANCELED" });
  await first;
  assert.equal(reached, false);
});

test("a hash of less work than is asked for today is known as outdated", async () => {
  const stored = await new PasswordHasher(quick).hash("tr4in-of-owls");
  assert.equal(new PasswordHasher(quick).isOutdated(stored), false);
  assert.equal(new PasswordHasher({ ...quick, cost: 5 }).isOutdated(stored), true);
});
