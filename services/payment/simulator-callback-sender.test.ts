import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "#platform/telemetry/log.ts";
import { newId } from "#platform/kit/ids.ts";
import { eventually, TestClock } from "#platform/testing/test-clock.ts";
import { readCallback } from "./simulator-callback.ts";
import type { RawCallback } from "./provider.ts";
import { CallbackSender } from "./simulator-callback-sender.ts";
import { callbackSecret as secret, openPayments, usd } from "./testing/open-payments.ts";

function openSender(clock: TestClock, isTaken: (attempt: number) => boolean) {
  const ids: string[] = [];
  const deliver = (callback: RawCallback) => {
    ids.push(readCallback({ ...callback, secret, now: clock.now() }).id);
    return isTaken(ids.length) ? Promise.resolve() : Promise.reject(new Error("Nobody is there."));
  };
  return { ids, sender: new CallbackSender({ clock, log: silentLog, secret, delayMs: 1_000, deliver }) };
}

/** Moves on by `ms` once whatever runs now has come to wait again. */
async function advance(clock: TestClock, ms: number): Promise<void> {
  await new Promise(setImmediate);
  clock.advance(ms);
  await new Promise(setImmediate);
}

test("a callback is sent after its delay, and again under the same id and a new signature until it is taken", async () => {
  const clock = new TestClock();
  const { ids, sender } = openSender(clock, (attempt) => attempt === 3);
  sender.send({ type: "payment.captured", key: newId() });
  await advance(clock, 999);
  assert.equal(ids.length, 0);
  await advance(clock, 1);
  assert.equal(ids.length, 1);
  for (let times = 0; times < 5; times += 1) await advance(clock, 600_000);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  await sender.close();
});

test("a callback that nobody takes is given up after five times, and none is sent after the end", async () => {
  const clock = new TestClock();
  const { ids, sender } = openSender(clock, () => false);
  sender.send({ type: "payment.voided", key: newId() });
  for (let times = 0; times < 10; times += 1) await advance(clock, 600_000);
  assert.equal(ids.length, 5);
  sender.send({ type: "payment.voided", key: newId() });
  await sender.close();
  await advance(clock, 600_000);
  assert.equal(ids.length, 5);
});

test("the built-in provider tells of holds, captures, refunds and voids, and of nothing that did not happen", async () => {
  const { client, db, authorize, captured } = await openPayments({
    PAYMENT_SIMULATOR_CALLBACKS: "on",
    PAYMENT_SIMULATOR_CALLBACK_DELAY_MS: "0",
  });
  const { paymentId } = await captured(1_000n);
  for (const amount of [400n, 400n, 600n])
    await client.refund({ paymentId, refundId: `r${amount}`, amount: usd(amount) });
  const voided = await authorize();
  await client.cancelPayment(voided);
  await assert.rejects(authorize(100n, "4000000000000002"));
  const noted = async () =>
    await db.rows<{ type: string }>("select type from provider_callbacks order by type");
  await eventually("all callbacks are noted", async () => (await noted()).length >= 6);
  assert.deepEqual(
    (await noted()).map(({ type }) => type),
    [
      "payment.authorized",
      "payment.authorized",
      "payment.captured",
      "payment.refunded",
      "payment.refunded",
      "payment.voided",
    ],
  );
});
