import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenConstraint } from "#platform/database/db.ts";
import { findWrongBooks, getStock } from "./testing/books-store.ts";
import { reserveStock, saveStockOnHand, tellStockReason } from "./stock-store.ts";
import { parseDemand } from "./stock.ts";
import { addProduct, testContext } from "./testing/catalog-context.ts";

const ctx = await testContext();
const { db } = ctx;

test("stock on hand cannot change without a reason and an actor for the ledger", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  await assert.rejects(
    db.run("update stock set on_hand = 9 where variant_id = $1", [variantId]),
    /null value/,
  );
  // A reason told in an earlier transaction of the same connection does not count.
  await db.inTransaction((tx) => tellStockReason(tx, { reason: "earlier", actor: "test" }));
  await Promise.all(
    Array.from({ length: 10 }, () =>
      assert.rejects(db.run("update stock set on_hand = 9 where variant_id = $1", [variantId]), /null value/),
    ),
  );
  assert.deepEqual(await getStock(db, variantId), { onHand: 5n, reserved: 0n });
});

test("rows of the ledger are never changed or deleted, and stock rows never deleted", async () => {
  await addProduct(ctx, { stockQuantity: 5n });
  for (const statement of [
    "update stock_ledger set change = 1",
    "delete from stock_ledger",
    "truncate stock_ledger",
    "delete from stock",
    "truncate stock cascade",
  ])
    await assert.rejects(db.run(statement), /never changed or deleted/, statement);
});

test("neither more than is on hand nor less than nothing can be reserved, whatever the statement", async () => {
  const variantId = await addProduct(ctx, { stockQuantity: 5n });
  for (const reserved of [-1, 6])
    await assert.rejects(
      db.run("update stock set reserved = $2 where variant_id = $1", [variantId, reserved]),
      (error) => brokenConstraint(error) === "stock_reserved_is_there",
    );
  await reserveStock(db, "holds-three", parseDemand([{ variantId, quantity: 3n }]), 900);
  const takeTooMuch = db.inTransaction(async (tx) => {
    await tellStockReason(tx, { reason: "count", actor: "test" });
    await saveStockOnHand(tx, variantId, 2n);
  });
  await assert.rejects(takeTooMuch, (error) => brokenConstraint(error) === "stock_reserved_is_there");
});

test("books that do not add up are found: a planted change behind the ledger's back, and a planted hold", async () => {
  const [a, b] = [await addProduct(ctx, { stockQuantity: 5n }), await addProduct(ctx, { stockQuantity: 5n })];
  assert.deepEqual(await findWrongBooks(db), []);
  await db.run("alter table stock disable trigger stock_to_ledger");
  await db.run("update stock set on_hand = 6 where variant_id = $1", [a]);
  await db.run("alter table stock enable trigger stock_to_ledger");
  await db.run("update stock set reserved = 1 where variant_id = $1", [b]);
  const wrong = await findWrongBooks(db);
  assert.deepEqual(
    wrong.toSorted((one, other) => (one.variantId < other.variantId ? -1 : 1)),
    [
      { variantId: a, onHand: 6n, ledger: 5n, reserved: 0n, held: 0n },
      { variantId: b, onHand: 5n, ledger: 5n, reserved: 1n, held: 0n },
    ],
  );
});
