import assert from "node:assert/strict";
import { it } from "node:test";
import { AppError, appError, isKind, isReason } from "#platform/kit/errors.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { LoginLimit } from "./limits.ts";

const isFailure = (error: unknown) => isKind(error, "unauthenticated");
const wrong = () => Promise.reject(appError("unauthenticated", "CREDENTIALS_INVALID"));
const right = () => Promise.resolve("token");

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
  const limit = new LoginLimit(new TestClock(), 30);
  const attempts = Array.from({ length: 100 }, () => outcome(limit.attempt("a", wrong, isFailure)));
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 0, failed: 30, limited: 70 });
});

it("logins that succeed never count, also 200 at once", async () => {
  const limit = new LoginLimit(new TestClock(), 30);
  const attempts = Array.from({ length: 200 }, () => outcome(limit.attempt("a", right, isFailure)));
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 200, failed: 0, limited: 0 });
});

it("wrong and right logins mixed at once: no right one is refused until 30 wrong ones were tried", async () => {
  const limit = new LoginLimit(new TestClock(), 30);
  const attempts = Array.from({ length: 58 }, (_, index) =>
    outcome(limit.attempt("a", index % 2 === 0 ? wrong : right, isFailure)),
  );
  assert.deepEqual(counted(await Promise.all(attempts)), { ok: 29, failed: 29, limited: 0 });
});

it("the limit holds for any 60 seconds, not for fixed minutes, and says when to come back", async () => {
  const clock = new TestClock();
  const limit = new LoginLimit(clock, 30);
  for (let count = 0; count < 30; count += 1) {
    await outcome(limit.attempt("a", wrong, isFailure));
    clock.advance(1_000);
  }
  await assert.rejects(limit.attempt("a", right, isFailure), (error: unknown) => {
    assert.ok(isReason(error, "RATE_LIMITED"));
    assert.equal(error.retryAfterSeconds, 30);
    return true;
  });
  clock.advance(30_000);
  assert.equal(await outcome(limit.attempt("a", wrong, isFailure)), "CREDENTIALS_INVALID");
  assert.equal(await outcome(limit.attempt("a", wrong, isFailure)), "RATE_LIMITED");
});

it("one address's failures do not hold up another", async () => {
  const limit = new LoginLimit(new TestClock(), 1);
  await outcome(limit.attempt("a", wrong, isFailure));
  assert.equal(await outcome(limit.attempt("a", right, isFailure)), "RATE_LIMITED");
  assert.equal(await outcome(limit.attempt("b", right, isFailure)), "ok");
});

it("errors that are no failed login do not count", async () => {
  const limit = new LoginLimit(new TestClock(), 1);
  const broken = () => Promise.reject(appError("unavailable", "DATABASE_UNAVAILABLE"));
  assert.equal(await outcome(limit.attempt("a", broken, isFailure)), "DATABASE_UNAVAILABLE");
  assert.equal(await outcome(limit.attempt("a", right, isFailure)), "ok");
});
