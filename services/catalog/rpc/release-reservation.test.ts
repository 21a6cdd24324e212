import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import { commitReservation as commit, reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, asCheckout, asCustomer, testContext } from "../testing/catalog-context.ts";
import { releaseReservation } from "./release-reservation.ts";

const ctx = await testContext(20);

async function hold(variantId: string, quantity: bigint): Promise<string> {
  const reservationId = newId();
  await reserveStock(ctx.db, reservationId, parseDemand([{ variantId, quantity }]), 900);
  return reservationId;
}

function release(reservationId: string) {
  return releaseReservation(ctx, { reservationId, reason: "cancelled\n by test" } as never, asCheckout);
}

test("only services of the shop may release", async () => {
  await assert.rejects(
    releaseReservation(ctx, { reservationId: "x", reason: "" } as never, asCustomer),
    (error) => isReason(error, "SERVICE_REQUIRED"),
  );
});

test("twenty releases at once free a hold once", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const reservationId = await hold(variantId, 2n);
  const other = await hold(variantId, 1n);
  await Promise.all(Array.from({ length: 20 }, () => release(reservationId)));
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 1n });
  await release(other);
});

test("twenty releases at once return what was sold once, and the ledger tells of it", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const reservationId = await hold(variantId, 2n);
  await commit(ctx.db, reservationId, "checkout");
  await Promise.all(Array.from({ length: 20 }, () => release(reservationId)));
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 0n });
  const rows = await ctx.db.rows<{ change: bigint; reason: string }>(
    "select change, reason from stock_ledger where reference = $1 order by id",
    [reservationId],
  );
  assert.deepEqual(rows, [
    { change: -2n, reason: "sale" },
    { change: 2n, reason: "return" },
  ]);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("an unknown reservation is barred: a reservation that comes later is refused", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const reservationId = newId();
  await release(reservationId);
  const demand = parseDemand([{ variantId, quantity: 1n }]);
  assert.equal((await reserveStock(ctx.db, reservationId, demand, 900)).outcome, "released");
});
