import type { AdjustStockRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import { requireAdmin } from "#platform/auth/guards.ts";
import type { Tx } from "#platform/database/db.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField, refusal } from "../errors.ts";
import { meantVariant, parseProductKey, toEditableProduct } from "../product.ts";
import { findProduct } from "../product-store.ts";
import { lockForEdit, stockReserved } from "../write-product.ts";
import { changedStock, type StockChange } from "../stock.ts";
import { lockStock, saveStockOnHand, tellStockReason } from "../stock-store.ts";

export async function adjustStock(ctx: CatalogContext, request: AdjustStockRequest, call: Call) {
  const { userId } = requireAdmin(call);
  const key = parseProductKey(request.productId);
  const known = key && (await findProduct(ctx.db, key));
  if (!known) throw refusal("PRODUCT_NOT_FOUND");
  const variantId = meantVariant(known.variants, request.variantId)?.id;
  if (variantId === undefined) throw refusal("VARIANT_NOT_FOUND");
  const { change } = request;
  if (change.case === undefined) throw invalidField("set", "is required, unless adjust is given");
  const reason = request.reason.trim() || "not stated";
  if (reason.length > 200 || /\p{Cc}/u.test(reason) || !reason.isWellFormed())
    throw invalidField("reason", "must have at most 200 characters, and no control characters");
  await ctx.db.inTransaction(async (tx) => {
    if (request.editTags.length > 0) await lockForEdit(tx, known.id, request.editTags);
    await tellStockReason(tx, { reason, actor: userId });
    const { before, after } = await changeStock(tx, variantId, change);
    await recordActivity(tx, {
      action: "stock.change",
      subject: { kind: "product", id: known.id },
      reason,
      before: { onHand: before },
      after: { onHand: after, variantId },
      call,
    });
  });
  ctx.recent.forget();
  const product = await findProduct(ctx.db, { id: known.id });
  if (!product) throw refusal("PRODUCT_NOT_FOUND");
  return { product: toEditableProduct(product) };
}

async function changeStock(
  tx: Tx,
  variantId: string,
  change: StockChange,
): Promise<{ before: bigint; after: bigint }> {
  const [stock] = await lockStock(tx, [variantId]);
  if (!stock) throw refusal("VARIANT_NOT_FOUND");
  const after = changedStock(stock.onHand, change);
  if (after < stock.reserved) throw stockReserved(stock.reserved);
  await saveStockOnHand(tx, variantId, after);
  return { before: stock.onHand, after };
}
