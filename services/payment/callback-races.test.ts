// Callbacks against the answers of the calls they tell of: whichever is recorded first, the books end the same.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setFailpoints } from "#platform/kit/failpoint.ts";
import { newId } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { card, openPayments, usd } from "./testing/open-payments.ts";

const { client, db, authorize, captured, callBack } = await openPayments();
afterEach(() => setFailpoints(undefined));

interface Ids {
  readonly paymentId: string;
  readonly orderId: string;
}

/** What is under way when the callback comes: how it begins, the call, and the points it passes. */
const calls: {
  readonly [type: string]: {
    readonly point: string;
    readonly done: string;
    readonly prepare: () => Promise<Ids>;
    readonly call: (ids: Ids) => Promise<unknown>;
    readonly afterwards: (ids: Ids) => Promise<unknown>;
  };
} = {
  authorized: {
    point: "payment.authorize",
    done: "payment.Authorize.done",
    prepare: () => Promise.resolve({ paymentId: newId(), orderId: newId() }),
    call: (ids) => client.authorize({ ...ids, amount: usd(1_000n), card: card() }),
    afterwards: (ids) => client.capture(ids),
  },
  captured: {
    point: "payment.capture",
    done: "payment.Capture.done",
    prepare: () => authorize(1_000n),
    call: (ids) => client.capture(ids),
    afterwards: (ids) =>
      client.refund({ ...ids, refundId: `afterwards:${ids.paymentId}`, amount: usd(100n) }),
  },
  refunded: {
    point: "payment.refund",
    done: "payment.Refund.done",
    prepare: () => captured(1_000n),
    call: (ids) => client.refund({ ...ids, refundId: `race:${ids.paymentId}`, amount: usd(300n) }),
    afterwards: (ids) => client.cancelPayment(ids),
  },
  voided: {
    point: "payment.cancel",
    done: "payment.CancelPayment.done",
    prepare: () => authorize(1_000n),
    call: (ids) => client.cancelPayment(ids),
    afterwards: (ids) => client.cancelPayment(ids),
  },
};

/** All that is kept of a payment but ids and times. */
async function booksOf({ paymentId }: Ids): Promise<unknown> {
  const payment = await db.row<object>(
    `select status, is_authorized, is_voided, decline_reason, amount_minor, currency, captured_minor, refunded_minor, brand, last4,
       order_id is not null as has_order, cancel_requested_at is not null as is_cancelled, cancelled_at is not null as is_done
     from payments where id = $1`,
    [paymentId],
  );
  const refunds = await db.rows(
    `select replace(refund_id, $2, '') as id, amount_minor, status from payment_refunds where payment_id = $1 order by id`,
    [paymentId, paymentId],
  );
  const entries = await db.rows(
    `select replace(transaction_key, $2, '') as key, account, side, amount_minor from ledger_entries where payment_id = $1
     order by key, account`,
    [paymentId, paymentId],
  );
  return { payment, refunds, entries };
}

/** Stops at a point until `open` is called; `isReached` tells that something waits there. */
function gateAt(point: string) {
  const gate = Promise.withResolvers<void>();
  let isReached = false;
  setFailpoints(async (name) => {
    if (name !== point || isReached) return;
    isReached = true;
    await gate.promise;
  });
  return { open: () => gate.resolve(), reached: () => eventually(`${point} is reached`, () => isReached) };
}

for (const [type, { point, done, prepare, call, afterwards }] of Object.entries(calls)) {
  /** The state everybody must end in: one delivery, after the answer. */
  const inOrder = async (isFinished: boolean) => {
    const ids = await prepare();
    await call(ids);
    await callBack(ids.paymentId, type);
    if (isFinished) await afterwards(ids);
    return await booksOf(ids);
  };

  for (const moment of [`${point}.before-provider`, `${point}.after-provider`, done]) {
    test(`${type}: a callback at ${moment}, once or three times, leaves the state of one in order`, async () => {
      const expected = await inOrder(false);
      for (const times of [1, 3]) {
        const ids = await prepare();
        const id = newId();
        let isCalled = false;
        setFailpoints(async (name) => {
          if (name !== moment || isCalled) return;
          isCalled = true;
          await Promise.all(Array.from({ length: times }, () => callBack(ids.paymentId, type, id)));
        });
        await call(ids);
        setFailpoints(undefined);
        assert.ok(isCalled);
        await callBack(ids.paymentId, type, id);
        assert.deepEqual(await booksOf(ids), expected);
      }
    });
  }

  test(`${type}: a callback that read the provider long ago takes nothing back that came meanwhile`, async () => {
    const expected = await inOrder(true);
    const ids = await prepare();
    // The provider has heard of the payment, whatever it is about to hear.
    if (type === "authorized") await call(ids);
    const gate = gateAt("payment.callback.after-provider");
    const late = callBack(ids.paymentId, type);
    await gate.reached();
    await call(ids);
    await afterwards(ids);
    gate.open();
    await late;
    assert.deepEqual(await booksOf(ids), expected);
  });

  test(`${type}: an answer that is late takes nothing back that callbacks brought meanwhile`, async () => {
    const expected = await inOrder(true);
    const ids = await prepare();
    const gate = gateAt(`${point}.after-provider`);
    const late = call(ids);
    await gate.reached();
    await callBack(ids.paymentId, type);
    await afterwards(ids);
    gate.open();
    await late;
    assert.deepEqual(await booksOf(ids), expected);
  });

  test(`${type}: callbacks and the call at the same moment, twenty rounds, end alike`, async () => {
    const expected = await inOrder(false);
    for (let round = 0; round < 20; round += 1) {
      const ids = await prepare();
      const twice = newId();
      const news = [twice, twice, newId()].map((id) => callBack(ids.paymentId, type, id));
      await Promise.all([call(ids), ...news]);
      assert.deepEqual(await booksOf(ids), expected, `round ${round}`);
    }
  });
}
