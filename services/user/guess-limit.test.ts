import assert from "node:assert/strict";
import { it } from "node:test";
import { AppError, appError, isKind, isReason } from "#platform/kit/errors.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { GuessLimit } from "./guess-limit.ts";

const isFailure = (error: unknown) => isKind(error, "unauthenticated");
const wrong = () => Promise.reject(appError("unauthenticated", "CREDENTIALS_INVALID"));
const right = () => Promise.resolve("token");

const limitOf = (perMinuteMax: number, clock = new TestClock()) =>
  new GuessLimit(clock, { perMinuteMax, perHourMax: 1000 });
const at = (address: string, account = "ada@example.com") => ({ address, account });

async function outcome(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "ok";
  } catch (error) {
    return error instanceof AppError ? error.reason : "bug";
  }
}

function counted(outcomes: readonly string[]) {
  return {
    ok: outcomes.filter((one) => one === "ok").length,
    failed: outcomes.filter((one) => one === "CREDENTIALS_INVALID").length,
    limited: outcomes.filter((one) => one === "RATE_LIMITED").length,
  };
}

it("of 100 wrong logins at once exactly 30 are tried", async () => {
  const limit = limitOf(30);
  const attempts = Array.from({ length: 100 }, () => outcome(limit.attempt(at("a"), wrong, isFailure)));
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 0, failed: 30, limited: 70 });
});

it("logins that succeed never count, also 200 at once", async () => {
  const limit = limitOf(30);
  const attempts = Array.from({ length: 200 }, () => outcome(limit.attempt(at("a"), right, isFailure)));
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 200, failed: 0, limited: 0 });
});

it("wrong and right logins mixed at once: no right one is refused until 30 wrong ones were tried", async () => {
  const limit = limitOf(30);
  const attempts = Array.from({ length: 58 }, (_, index) =>
    outcome(limit.attempt(at("a"), index % 2 === 0 ? wrong : right, isFailure)),
  );
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 29, failed: 29, limited: 0 });
});

it("the limit holds for any 60 seconds, not for fixed minutes, and says when to come back", async () => {
  const clock = new TestClock();
  const limit = limitOf(30, clock);
  for (let count = 0; count < 30; count += 1) {
    await outcome(limit.attempt(at("a"), wrong, isFailure));
    clock.advance(1_000);
  }
  await assert.rejects(limit.attempt(at("a"), right, isFailure), (error: unknown) => {
    assert.ok(isReason(error, "RATE_LIMITED"));
    assert.equal(error.retryAfterSeconds, 30);
    return true;
  });
  clock.advance(30_000);
  assert.equal(await outcome(limit.attempt(at("a"), wrong, isFailure)), "CREDENTIALS_INVALID");
  assert.equal(await outcome(limit.attempt(at("a"), wrong, isFailure)), "RATE_LIMITED");
});

it("one address's failures do not hold up another", async () => {
  const limit = limitOf(1);
  await outcome(limit.attempt(at("a"), wrong, isFailure));
  assert.equal(await outcome(limit.attempt(at("a"), right, isFailure)), "RATE_LIMITED");
  assert.equal(await outcome(limit.attempt(at("b"), right, isFailure)), "ok");
});

it("errors that are no failed login do not count", async () => {
  const limit = limitOf(1);
  const broken = () => Promise.reject(appError("unavailable", "DATABASE_UNAVAILABLE"));
  assert.equal(await outcome(limit.attempt(at("a"), broken, isFailure)), "DATABASE_UNAVAILABLE");
  assert.equal(await outcome(limit.attempt(at("a"), right, isFailure)), "ok");
});

it("beyond the hour's count an address is refused for that account only, and the owner elsewhere never", async () => {
  const clock = new TestClock();
  const limit = new GuessLimit(clock, { perMinuteMax: 10, perHourMax: 25 });
  let failed = 0;
  for (let minute = 0; minute < 59; minute += 1) {
    for (let count = 0; count < 10; count += 1)
      if ((await outcome(limit.attempt(at("stranger"), wrong, isFailure))) === "CREDENTIALS_INVALID")
        failed += 1;
    clock.advance(60_001);
  }
  assert.equal(failed, 25);
  assert.equal(await outcome(limit.attempt(at("stranger"), right, isFailure)), "RATE_LIMITED");
  assert.equal(await outcome(limit.attempt(at("stranger", "bob@example.com"), right, isFailure)), "ok");
  assert.equal(await outcome(limit.attempt(at("home"), right, isFailure)), "ok");
  clock.advance(60 * 60_000);
  assert.equal(await outcome(limit.attempt(at("stranger"), right, isFailure)), "ok");
});

it("many accounts at once from one address share its minute, each with the hour of its own", async () => {
  const limit = new GuessLimit(new TestClock(), { perMinuteMax: 30, perHourMax: 5 });
  const attempts = Array.from({ length: 100 }, (_, index) =>
    outcome(limit.attempt(at("a", `${index % 10}@example.com`), wrong, isFailure)),
  );
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 0, failed: 30, limited: 70 });
});

it("networks of IPv6 count as one address; without an address nobody is counted", async () => {
  const limit = limitOf(1);
  await outcome(limit.attempt(at("2001:db8::1"), wrong, isFailure));
  assert.equal(await outcome(limit.attempt(at("2001:db8::2"), right, isFailure)), "RATE_LIMITED");
  const unsaid = { address: undefined, account: "ada@example.com" };
  for (let count = 0; count < 3; count += 1)
    assert.equal(await outcome(limit.attempt(unsaid, wrong, isFailure)), "CREDENTIALS_INVALID");
});
