// The guard of one neighbour by itself, on a clock that the test moves; over real connections: neighbour-over-grpc.test.ts.
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { AppError, appError } from "#platform/kit/errors.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { NeighbourGuard, type GuardOptions } from "./neighbour.ts";
import { Scope, deadlineExceeded } from "./scope.ts";
import { isOfTheWay, notSent, unavailable, wasNotSent } from "./status.ts";

const closers: (() => unknown)[] = [];
after(() => {
  for (const close of closers) close();
});

const errorOf = async (call: Promise<unknown>): Promise<AppError> =>
  await call.then(
    () => assert.fail("The call should have failed."),
    (error: unknown) => (error instanceof AppError ? error : assert.fail(String(error))),
  );

describe("a guard", () => {
  const open = (options: Partial<GuardOptions> = {}) => {
    const clock = new TestClock();
    const given = { caller: "checkout", neighbour: "ad", clock, log: silentLog };
    const guard = new NeighbourGuard({ ...given, knock: () => Promise.resolve(true), ...options });
    closers.push(() => guard.close());
    const call = { scope: new Scope(clock, 60_000), isRepeatable: true };
    return { clock, guard, call };
  };

  it("spends no more than ten tries and one for ten calls on calls that fail again and again", async () => {
    const { guard, call } = open();
    let tries = 0;
    let failing = 0;
    // Every other call is answered: half of them failing is no reason to stop asking.
    for (let count = 0; count < 200; count += 1) {
      const isWell = count % 2 === 0;
      if (!isWell) failing += 1;
      const attempt = () => {
        tries += 1;
        return isWell ? Promise.resolve() : Promise.reject(unavailable("reset"));
      };
      await guard.call(attempt, call).catch(() => undefined);
    }
    assert.equal(failing, 100);
    assert.ok(tries > 210 && tries <= 200 + 10 + 20, `${tries} tries`);
    assert.equal(guard.state.state, "closed");
  });

  it("does not say of a call that it was not sent when an earlier try of it was", async () => {
    const { guard, call } = open();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return Promise.reject(tries === 1 ? unavailable("reset") : notSent(unavailable("no connection")));
    };
    const failed = await errorOf(guard.call(attempt, call));
    assert.ok(tries > 1);
    assert.equal(failed.reason, "NEIGHBOUR_UNAVAILABLE");
    assert.equal(failed.retryAfterSeconds, 1);
    assert.ok(!wasNotSent(failed), "the first try may have been done");
    assert.ok(isOfTheWay(failed));
    const unsent = () => Promise.reject(notSent(unavailable("no connection")));
    assert.ok(wasNotSent(await errorOf(guard.call(unsent, call))));
  });

  it("holds no more than 256 calls at once and 1,024 that wait; what is beyond is refused unsent, at once", async () => {
    const { guard, call } = open();
    const finish = Promise.withResolvers<void>();
    let begun = 0;
    const attempt = () => {
      begun += 1;
      return finish.promise;
    };
    const calls = Array.from({ length: 256 + 1024 }, () => guard.call(attempt, call));
    const refused = await errorOf(guard.call(attempt, call));
    assert.ok(wasNotSent(refused));
    assert.equal(refused.retryAfterSeconds, 1);
    assert.equal(begun, 256);
    finish.resolve();
    await Promise.all(calls);
    assert.equal(begun, 256 + 1024);
    assert.equal(guard.state.state, "closed");
  });

  it("lets a call that waits for its turn end with its own deadline", async () => {
    const { guard, call, clock } = open();
    const finish = Promise.withResolvers<void>();
    const held = Array.from({ length: 256 }, () => guard.call(() => finish.promise, call));
    const scope = new Scope(clock, 100);
    const late = guard.call(() => assert.fail("It must not be sent."), { ...call, scope });
    clock.advance(100);
    assert.equal((await errorOf(late)).kind, "deadline_exceeded");
    finish.resolve();
    await Promise.all(held);
  });

  it("stays closed over refusals, and over a call that takes too long while others are answered", async () => {
    const { guard, call, clock } = open();
    const no = () => Promise.reject(appError("not_found", "AD_NOT_FOUND"));
    for (let count = 0; count < 100; count += 1)
      assert.equal((await errorOf(guard.call(no, call))).reason, "AD_NOT_FOUND");
    for (let count = 0; count < 4; count += 1) {
      const scope = new Scope(clock, 5_000);
      const slow = guard.call(() => new Promise<void>((_resolve, reject) => void scope.onEnd(reject)), {
        scope,
        isRepeatable: false,
      });
      clock.advance(4_000);
      await guard.call(() => Promise.resolve(), call);
      clock.advance(1_000);
      assert.equal((await errorOf(slow)).kind, "deadline_exceeded");
    }
    assert.equal(guard.state.state, "closed");
  });

  it("closes again without a call when nobody asks after a sign of life, and knocks further apart while there is none", async () => {
    let isAlive = false;
    const knocks: number[] = [];
    const { guard, call, clock } = open({
      knock: () => {
        knocks.push(clock.monotonicMs());
        return Promise.resolve(isAlive);
      },
    });
    const scope = new Scope(clock, 400);
    const stuck = guard.call(() => new Promise<void>((_resolve, reject) => void scope.onEnd(reject)), {
      scope,
      isRepeatable: false,
    });
    clock.advance(400);
    assert.deepEqual((await errorOf(stuck)).reason, deadlineExceeded().reason);
    await settle();
    assert.equal(guard.state.state, "open");
    for (let count = 0; count < 100; count += 1) {
      clock.advance(100);
      await settle();
    }
    assert.ok(knocks.length >= 10 && knocks.length <= 22, `${knocks.length} knocks in ten seconds`);
    assert.ok(wasNotSent(await errorOf(guard.call(() => Promise.resolve(), call))));
    isAlive = true;
    clock.advance(1_000);
    await settle();
    assert.equal(guard.state.state, "half-open");
    clock.advance(1_000);
    await settle();
    assert.equal(guard.state.state, "closed");
  });
});

/** Lets promises that are settled have their say. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
}
