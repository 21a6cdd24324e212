import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { findWrongBooks, getStock } from "../testing/books-store.ts";
import { reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, asAdmin, asCustomer, testContext } from "../testing/catalog-context.ts";
import { adjustStock } from "./adjust-stock.ts";

const ctx = await testContext();

interface Change {
  readonly set?: bigint;
  readonly adjust?: bigint;
  readonly variantId?: string;
  readonly reason?: string;
  readonly editTags?: readonly string[];
}

function change(
  productId: string,
  { set, adjust, variantId = "", reason = "count", editTags = [] }: Change,
  caller = asAdmin,
) {
  const wish =
    set !== undefined
      ? { case: "set", value: set }
      : adjust !== undefined
        ? { case: "adjust", value: adjust }
        : { case: undefined };
  return adjustStock(ctx, { productId, variantId, change: wish, reason, editTags } as never, caller);
}

test("where the caller says which state of the product it is about, another one is PRODUCT_CHANGED", async () => {
  const id = await addProduct(ctx, { stockQuantity: 5n });
  const { product } = await change(id, { set: 4n });
  await change(id, { set: 3n, editTags: ["other", product.editTag ?? ""] });
  await assert.rejects(change(id, { set: 2n, editTags: ["other"] }), (error) =>
    isReason(error, "PRODUCT_CHANGED"),
  );
  assert.deepEqual(await getStock(ctx.db, id), { onHand: 3n, reserved: 0n });
});

test("only admins may change stock, and what is not there is refused by its own reason", async () => {
  const id = await addProduct(ctx);
  await assert.rejects(change(id, { set: 1n }, asCustomer), (error) => isReason(error, "ADMIN_REQUIRED"));
  await assert.rejects(change(newId(), { set: 1n }), (error) => isReason(error, "PRODUCT_NOT_FOUND"));
  await assert.rejects(change(id, { set: 1n, variantId: newId() }), (error) =>
    isReason(error, "VARIANT_NOT_FOUND"),
  );
});

test("set and adjust change stock on hand, and the ledger says who did it and why", async () => {
  const id = await addProduct(ctx, { stockQuantity: 5n });
  assert.equal((await change(id, { set: 9n, reason: "counted" })).product.stockQuantity, 9n);
  assert.equal((await change(id, { adjust: -2n, reason: "broken" })).product.stockQuantity, 7n);
  assert.equal((await change(id, { adjust: 3n, reason: "" })).product.stockQuantity, 10n);
  const { userId = "" } = asAdmin.actor.kind === "user" ? asAdmin.actor : {};
  const rows = await ctx.db.rows(
    "select change, reason, actor from stock_ledger where variant_id = $1 order by id",
    [id],
  );
  assert.deepEqual(rows, [
    { change: 5n, reason: "opening stock", actor: "test" },
    { change: 4n, reason: "counted", actor: userId },
    { change: -2n, reason: "broken", actor: userId },
    { change: 3n, reason: "not stated", actor: userId },
  ]);
});

test("stock never falls below what is reserved, nor below nothing", async () => {
  const id = await addProduct(ctx, { stockQuantity: 5n });
  await reserveStock(ctx.db, newId(), parseDemand([{ variantId: id, quantity: 3n }]), 900);
  for (const one of [{ set: 2n }, { adjust: -3n }, { adjust: -100n }])
    await assert.rejects(change(id, one), (error) => isReason(error, "STOCK_RESERVED"));
  assert.equal((await change(id, { set: 3n })).product.stockQuantity, 0n);
  assert.deepEqual(await getStock(ctx.db, id), { onHand: 3n, reserved: 3n });
});

test("changes that mean nothing are refused as invalid", async () => {
  const id = await addProduct(ctx, { stockQuantity: 5n });
  for (const one of [
    {},
    { set: -1n },
    { set: 10n ** 12n },
    { adjust: 10n ** 12n },
    { set: 1n, reason: "a\0" },
    { set: 1n, reason: "x".repeat(201) },
  ])
    await assert.rejects(change(id, one), (error) => isReason(error, "VALIDATION_FAILED"));
});

test("fifty adjustments at once all count", async () => {
  const id = await addProduct(ctx, { stockQuantity: 100n });
  await Promise.all(Array.from({ length: 50 }, (_, index) => change(id, { adjust: index % 2 ? 1n : -1n })));
  assert.deepEqual(await getStock(ctx.db, id), { onHand: 100n, reserved: 0n });
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});
