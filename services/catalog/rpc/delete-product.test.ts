import assert from "node:assert/strict";
import { test } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { getStock } from "../testing/books-store.ts";
import { commitReservation, reserveStock } from "../stock-store.ts";
import { parseDemand } from "../stock.ts";
import { addProduct, asAdmin, asCustomer, testContext } from "../testing/catalog-context.ts";
import { deleteProduct } from "./delete-product.ts";
import { getProduct } from "./get-product.ts";
import { getVariants } from "./get-variants.ts";

const ctx = await testContext();

function remove(id: string, caller = asAdmin) {
  return deleteProduct(ctx, { id, editTags: [] } as never, caller);
}

test("only admins may delete, and what is not there is PRODUCT_NOT_FOUND", async () => {
  const id = await addProduct(ctx);
  await assert.rejects(remove(id, asCustomer), (error) => isReason(error, "ADMIN_REQUIRED"));
  await assert.rejects(remove(newId()), (error) => isReason(error, "PRODUCT_NOT_FOUND"));
});

test("a deleted product is found nowhere, a second delete included, and frees code, slug and SKU", async () => {
  const names = { code: "DELETEDONE", slug: "deleted-one", variants: [{ sku: "DELETED-SKU", options: {} }] };
  const id = await addProduct(ctx, names);
  await remove("deleted-one");
  for (const key of [id, "DELETEDONE", "deleted-one"])
    await assert.rejects(getProduct(ctx, { id: key } as never), (error) =>
      isReason(error, "PRODUCT_NOT_FOUND"),
    );
  const { items } = await getVariants(ctx, { refs: [{ productId: id, variantId: "" }] } as never);
  assert.deepEqual(items, []);
  await assert.rejects(remove(id), (error) => isReason(error, "PRODUCT_NOT_FOUND"));
  assert.notEqual(await addProduct(ctx, names), id);
});

test("a checkout that had reserved before the delete still gets its goods; a new one does not", async () => {
  const id = await addProduct(ctx, { stockQuantity: 5n });
  const demand = parseDemand([{ variantId: id, quantity: 2n }]);
  await reserveStock(ctx.db, "before-delete", demand, 900);
  await remove(id);
  assert.equal((await commitReservation(ctx.db, "before-delete", "checkout")).outcome, "committed");
  assert.equal((await reserveStock(ctx.db, "after-delete", demand, 900)).outcome, "insufficient");
  assert.deepEqual(await getStock(ctx.db, id), { onHand: 3n, reserved: 0n });
});
