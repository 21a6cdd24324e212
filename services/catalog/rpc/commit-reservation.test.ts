import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import { expireReservations, reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, asAdmin, asCheckout, testContext } from "../testing/catalog-context.ts";
import { commitReservation } from "./commit-reservation.ts";
import { releaseReservation } from "./release-reservation.ts";

const ctx = await testContext(20);

async function hold(variantId: string, quantity: bigint): Promise<string> {
  const reservationId = newId();
  const { outcome } = await reserveStock(ctx.db, reservationId, parseDemand([{ variantId, quantity }]), 900);
  assert.equal(outcome, "held");
  return reservationId;
}

function commit(reservationId: string) {
  return commitReservation(ctx, { reservationId } as never, asCheckout);
}

function release(reservationId: string) {
  return releaseReservation(ctx, { reservationId, reason: "" } as never, asCheckout);
}

async function expire(reservationId: string): Promise<void> {
  await ctx.db.run("update stock_reservations set expires_at = now() - interval '1 s' where id = $1", [
    reservationId,
  ]);
  await expireReservations(ctx.db, 100);
}

test("only services of the shop may commit", async () => {
  await assert.rejects(commitReservation(ctx, { reservationId: "x" } as never, asAdmin), (error) =>
    isReason(error, "SERVICE_REQUIRED"),
  );
});

test("a reservation nobody made is RESERVATION_NOT_FOUND", async () => {
  await assert.rejects(commit(newId()), (error) => isReason(error, "RESERVATION_NOT_FOUND"));
});

test("twenty commits at once sell once, with one line in the ledger", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const reservationId = await hold(variantId, 2n);
  await Promise.all(Array.from({ length: 20 }, () => commit(reservationId)));
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 3n, reserved: 0n });
  const sales = await ctx.db.rows(
    "select change, reason, actor from stock_ledger where variant_id = $1 and reference = $2",
    [variantId, reservationId],
  );
  assert.deepEqual(sales, [{ change: -2n, reason: "sale", actor: "checkout" }]);
});

test("a released reservation cannot be sold", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const reservationId = await hold(variantId, 2n);
  await release(reservationId);
  await assert.rejects(commit(reservationId), (error) => isReason(error, "RESERVATION_ENDED"));
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 0n });
});

test("one that merely expired takes the stock again while it is there", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const reservationId = await hold(variantId, 5n);
  await expire(reservationId);
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 0n });
  await commit(reservationId);
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 0n, reserved: 0n });
});

test("one that expired and whose stock went to somebody else is STOCK_INSUFFICIENT, never sold twice", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const late = await hold(variantId, 5n);
  await expire(late);
  const quick = await hold(variantId, 1n);
  await assert.rejects(commit(late), (error) => isReason(error, "STOCK_INSUFFICIENT"));
  await commit(quick);
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 4n, reserved: 0n });
});

test("commit, release and expiry that race end in one state, and the books agree with it", async () => {
  for (let round = 0; round < 25; round += 1) {
    const variantId = await addProduct(ctx, { stockQuantity: 3n });
    const reservationId = await hold(variantId, 3n);
    await ctx.db.run("update stock_reservations set expires_at = now() where id = $1", [reservationId]);
    const [sold] = await Promise.allSettled([
      commit(reservationId),
      round % 2 === 0 ? release(reservationId) : expireReservations(ctx.db, 100),
      round % 4 === 0 ? expireReservations(ctx.db, 100) : commit(reservationId),
    ]);
    const row = await ctx.db.row<{ status: string }>("select status from stock_reservations where id = $1", [
      reservationId,
    ]);
    assert.ok(row);
    assert.match(row.status, /^(committed|released)$/);
    if (sold.status === "rejected") assert.equal(row.status, "released");
    const onHand = row.status === "committed" ? 0n : 3n;
    assert.deepEqual(await getStock(ctx.db, variantId), { onHand, reserved: 0n });
  }
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});
