import assert from "node:assert/strict";
import { test } from "node:test";
import { closeCancel, insertCancel } from "./cancel-store.ts";
import { openOrders } from "./testing/open-orders.ts";

const { client, db, placed } = await openOrders();

/** A refund of this much is done, and then a cancel ends whose answer about the payment was given before it. */
async function overtaken(minor: bigint) {
  const { id } = await placed();
  const amount = { currencyCode: "USD", minor };
  await client.refundOrder({ orderId: id, refundId: "r", amount, reason: "race" });
  await db.inTransaction(async (tx) => await insertCancel(tx, id, "race"));
  await closeCancel(db, id, { status: "captured", refundedMinor: 0n });
  const { order } = await client.getOrder({ id });
  return [order?.payment?.status, order?.payment?.refunded?.minor];
}

test("a cancel that was overtaken by a refund does not take back what the refund says of the payment", async () => {
  assert.deepEqual(await overtaken(13_696n), ["refunded", 13_696n]);
  assert.deepEqual(await overtaken(1_000n), ["partially_refunded", 1_000n]);
});
