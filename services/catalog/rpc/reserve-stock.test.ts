import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReserveStockRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { isReason, type AppError } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import { addProduct, asAdmin, asCheckout, asNobody, testContext } from "../testing/catalog-context.ts";
import { commitReservation } from "./commit-reservation.ts";
import { releaseReservation } from "./release-reservation.ts";
import { reserveStock } from "./reserve-stock.ts";

const ctx = await testContext(20);

function request(
  lines: { variantId: string; quantity: bigint }[],
  reservationId = newId(),
  ttlSeconds = 0,
): ReserveStockRequest {
  return { reservationId, lines, ttlSeconds } as unknown as ReserveStockRequest;
}

function ended(reservationId: string) {
  return { reservationId, reason: "test" } as Parameters<typeof releaseReservation>[1];
}

async function outcomes(calls: Promise<unknown>[]): Promise<{ won: number; refused: AppError[] }> {
  const settled = await Promise.allSettled(calls);
  const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as AppError] : []));
  for (const error of refused) assert.ok(isReason(error, "STOCK_INSUFFICIENT"), String(error));
  return { won: settled.length - refused.length, refused };
}

test("only services of the shop may reserve: outsiders and admins get SERVICE_REQUIRED", async () => {
  for (const caller of [asNobody, asAdmin])
    await assert.rejects(reserveStock(ctx, request([]), caller), (error) =>
      isReason(error, "SERVICE_REQUIRED"),
    );
});

test("lines, quantities and ids that no checkout can mean are refused as invalid", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const line = { variantId, quantity: 1n };
  const wrong = [
    request([]),
    request([{ variantId, quantity: 0n }]),
    request([{ variantId, quantity: -1n }]),
    request([{ variantId: "shoes", quantity: 1n }]),
    request([line], ""),
    request([line], "a b"),
    request([line], "x".repeat(129)),
    request([line], newId(), -1),
  ];
  for (const one of wrong)
    await assert.rejects(reserveStock(ctx, one, asCheckout), (error) => isReason(error, "VALIDATION_FAILED"));
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 0n });
});

test("with one line short nothing is held, and the refusal says what was wanted and what there is", async () => {
  const plenty = await addProduct(ctx, { stockQuantity: 10n });
  const scarce = await addProduct(ctx, { stockQuantity: 2n });
  const unknown = newId();
  const lines = [plenty, scarce, unknown].map((variantId) => ({ variantId, quantity: 3n }));
  await assert.rejects(reserveStock(ctx, request(lines), asCheckout), (error: AppError) => {
    assert.equal(error.kind, "conflict");
    assert.equal(error.reason, "STOCK_INSUFFICIENT");
    assert.deepEqual(error.details["lines"], [
      { productId: scarce, variantId: scarce, requested: 3, available: 2 },
      { productId: "", variantId: unknown, requested: 3, available: 0 },
    ]);
    return true;
  });
  assert.deepEqual(await getStock(ctx.db, plenty), { onHand: 10n, reserved: 0n });
});

test("two lines of one variant count as their sum", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const line = { variantId, quantity: 3n };
  const { won } = await outcomes([reserveStock(ctx, request([line, line]), asCheckout)]);
  assert.equal(won, 0);
  await reserveStock(ctx, request([line, { variantId, quantity: 2n }]), asCheckout);
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 5n });
});

test("a product that was deleted cannot be reserved any more", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  await ctx.db.run("update product_variants set deleted_at = now() where id = $1", [variantId]);
  const { won } = await outcomes([reserveStock(ctx, request([{ variantId, quantity: 1n }]), asCheckout)]);
  assert.equal(won, 0);
});

for (const buyers of [1, 10, 100]) {
  for (const units of [1, 50]) {
    test(`${buyers} buyers at once for ${units} units: exactly as many win as there are units`, async () => {
      const variantId = await addProduct(ctx, { stockQuantity: BigInt(units) });
      const requests = Array.from({ length: buyers }, () => request([{ variantId, quantity: 1n }]));
      const { won } = await outcomes(
        requests.map(async (one) => {
          await reserveStock(ctx, one, asCheckout);
          await commitReservation(ctx, ended(one.reservationId) as never, asCheckout);
        }),
      );
      assert.equal(won, Math.min(buyers, units));
      assert.deepEqual(await getStock(ctx.db, variantId), { onHand: BigInt(units - won), reserved: 0n });
      assert.deepEqual(await findWrongBooks(ctx.db), []);
    });
  }
}

test("buyers of the same goods in opposite orders neither deadlock nor oversell", async () => {
  const [a, b] = [
    await addProduct(ctx, { stockQuantity: 30n }),
    await addProduct(ctx, { stockQuantity: 30n }),
  ];
  const there = [a, b].map((variantId) => ({ variantId, quantity: 1n }));
  const requests = Array.from({ length: 80 }, (_, index) => request(index % 2 ? there : there.toReversed()));
  const { won } = await outcomes(requests.map((one) => reserveStock(ctx, one, asCheckout)));
  assert.equal(won, 30);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("the same call sent twenty times at once holds once, also when it takes the last unit", async () => {
  for (const quantity of [1n, 4n]) {
    const variantId = await addProduct(ctx, { stockQuantity: 4n });
    const one = request([{ variantId, quantity }]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserveStock(ctx, one, asCheckout)));
    assert.equal(new Set(answers.map(({ expiresAt }) => JSON.stringify(expiresAt, String))).size, 1);
    assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 4n, reserved: quantity });
  }
});

test("a repeat answers as the first call did, also after the sale", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 1n });
  const one = request([{ variantId, quantity: 1n }]);
  const first = await reserveStock(ctx, one, asCheckout);
  await commitReservation(ctx, ended(one.reservationId) as never, asCheckout);
  assert.deepEqual(await reserveStock(ctx, one, asCheckout), first);
});

test("after a release the same id is refused with RESERVATION_ENDED, also when the release came first", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const held = request([{ variantId, quantity: 1n }]);
  await reserveStock(ctx, held, asCheckout);
  const early = request([{ variantId, quantity: 1n }]);
  for (const one of [held, early]) {
    await releaseReservation(ctx, ended(one.reservationId), asCheckout);
    await assert.rejects(reserveStock(ctx, one, asCheckout), (error) => isReason(error, "RESERVATION_ENDED"));
  }
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 5n, reserved: 0n });
});

test("a repeat after the time is over is refused, even before the stock was freed", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  const one = request([{ variantId, quantity: 1n }]);
  await reserveStock(ctx, one, asCheckout);
  await ctx.db.run("update stock_reservations set expires_at = now() where id = $1", [one.reservationId]);
  await assert.rejects(reserveStock(ctx, one, asCheckout), (error) => isReason(error, "RESERVATION_ENDED"));
});

test("a late reservation that races its own release never leaves stock behind", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 50n });
  for (let round = 0; round < 25; round += 1) {
    const one = request([{ variantId, quantity: 2n }]);
    await Promise.allSettled([
      reserveStock(ctx, one, asCheckout),
      releaseReservation(ctx, ended(one.reservationId), asCheckout),
    ]);
  }
  assert.deepEqual(await getStock(ctx.db, variantId), { onHand: 50n, reserved: 0n });
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});
