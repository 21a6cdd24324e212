import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { makeDue, workOff } from "#platform/testing/tasks.ts";
import { ledgerOf } from "../testing/ledger-store.ts";
import { card, openPayments, usd } from "../testing/open-payments.ts";

const { client, db, shop, authorize, captured } = await openPayments();

/** What waits is tried now. */
async function tryAll(): Promise<void> {
  for (const task of shop.services[0]?.parts.tasks ?? []) {
    await makeDue(db, task.name);
    await workOff(db, [task]);
  }
}

async function runCollectJob(): Promise<void> {
  const job = shop.services[0]?.parts.jobs?.find(({ name }) => name === "collect-owed");
  assert.ok(job);
  await job.run(new AbortController().signal);
}

async function providerOf(paymentId: string) {
  return await db.row<{ isVoided: boolean; captured: bigint; refunded: bigint }>(
    `select is_voided as "isVoided", captured_minor as captured, refunded_minor as refunded
     from provider.charges where key = $1`,
    [paymentId],
  );
}

test("what is held is freed, however often it is cancelled", async () => {
  const ids = await authorize();
  for (let times = 0; times < 3; times += 1) {
    const { payment } = await client.cancelPayment(ids);
    assert.equal(payment?.status, "voided");
  }
  assert.deepEqual(await providerOf(ids.paymentId), { isVoided: true, captured: 0n, refunded: 0n });
});

test("what was captured and not yet refunded is given back once, by twenty parallel cancels", async () => {
  const ids = await captured(1_000n);
  await client.refund({ ...ids, refundId: newId(), amount: usd(400n) });
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.cancelPayment(ids)));
  for (const { payment } of answers) assert.equal(payment?.refunded?.minor, 1_000n);
  assert.deepEqual(await providerOf(ids.paymentId), { isVoided: false, captured: 1_000n, refunded: 1_000n });
  assert.deepEqual(await ledgerOf(db, ids.paymentId), { card_receivable: 0n, merchant_balance: 0n });
});

test("a cancel before the payment bars it for good", async () => {
  const ids = { paymentId: newId(), orderId: newId() };
  const { payment } = await client.cancelPayment(ids);
  assert.equal(payment?.status, "voided");
  const late = client.authorize({ ...ids, amount: usd(100n), card: card() });
  await assert.rejects(late, (e) => isReason(e, "PAYMENT_CANCELLED"));
  assert.equal((await providerOf(ids.paymentId))?.isVoided, true);
});

test("a cancel that races with authorize and capture leaves no money behind", async () => {
  for (let round = 0; round < 30; round += 1) {
    const ids = { paymentId: newId(), orderId: newId() };
    const forward = client
      .authorize({ ...ids, amount: usd(100n), card: card() })
      .then(() => client.capture(ids));
    const pause = round % 3 === 0 ? Promise.resolve() : client.getPayment(ids).catch(() => undefined);
    const cancel = pause.then(() => client.cancelPayment(ids));
    await Promise.allSettled([forward, cancel]);
    const provider = await providerOf(ids.paymentId);
    assert.ok(provider && (provider.isVoided || provider.refunded === 100n), `round ${round}`);
    assert.equal(provider.captured, provider.refunded);
  }
});

test("a cancel that a crash cut off at any point is finished by its task", async () => {
  const points = [
    "cancel.before-provider",
    "cancel.after-provider",
    "cancel.after-record",
    "refund.before-provider",
  ];
  for (const point of points.map((name) => `payment.${name}`)) {
    const ids = await captured(500n);
    setFailpoints((name) => {
      if (name === point) throw new Error("The process ends here.");
    });
    await assert.rejects(client.cancelPayment(ids), point);
    setFailpoints(undefined);
    await tryAll();
    assert.equal((await providerOf(ids.paymentId))?.refunded, 500n, point);
    const row = await db.row<{ done: boolean }>(
      "select cancelled_at is not null as done from payments where id = $1",
      [ids.paymentId],
    );
    assert.equal(row?.done, true, point);
  }
});

test("a refund that a crash cut off is finished by its task, once", async () => {
  for (const point of ["before-provider", "after-provider"]) {
    const ids = await captured(500n);
    setFailpoints((name) => {
      if (name === `payment.refund.${point}`) throw new Error("The process ends here.");
    });
    await assert.rejects(client.refund({ ...ids, refundId: newId(), amount: usd(200n) }));
    setFailpoints(undefined);
    await tryAll();
    await tryAll();
    const { payment } = await client.getPayment(ids);
    assert.equal(payment?.refunded?.minor, 200n, point);
  }
});

test("refunds and cancels that a release without tasks left half-way become tasks", async () => {
  const [cancelled, refunded] = [await captured(500n), await captured(500n)];
  setFailpoints((name) => {
    if (name.endsWith("before-provider")) throw new Error("The process ends here.");
  });
  await assert.rejects(client.cancelPayment(cancelled));
  await assert.rejects(client.refund({ ...refunded, refundId: newId(), amount: usd(200n) }));
  setFailpoints(undefined);
  await db.run("delete from tasks");
  await db.run(
    "update payments set cancel_requested_at = now() - interval '1 minute' where cancelled_at is null and cancel_requested_at is not null",
  );
  await db.run(
    "update payment_refunds set created_at = now() - interval '1 minute' where status = 'pending'",
  );
  await runCollectJob();
  await tryAll();
  assert.equal((await providerOf(cancelled.paymentId))?.refunded, 500n);
  assert.equal((await providerOf(refunded.paymentId))?.refunded, 200n);
});
