import type { Database } from "#platform/database/db.ts";

/** Sets a product's stock, through the ledger as every change. */
export async function setStock(
  catalog: Database,
  code: string,
  units: number,
): Promise<{ productId: string }> {
  return await catalog.inTransaction(async (tx) => {
    const product = await tx.row<{ id: string }>("select id from products where code = $1", [code]);
    if (!product) throw new Error(`There is no product ${code}.`);
    await tx.run("select tell_stock_reason('count', 'test', '')");
    await tx.run("update stock set on_hand = $2, top_up_to = null where variant_id = $1", [
      product.id,
      units,
    ]);
    return { productId: product.id };
  });
}

export interface StockState {
  readonly onHand: number;
  readonly reserved: number;
}

export async function stockState(catalog: Database, productId: string): Promise<StockState> {
  const row = await catalog.row<StockState>(
    `select on_hand::int as "onHand", reserved::int as reserved from stock where variant_id = $1`,
    [productId],
  );
  if (!row) throw new Error(`There is no stock of ${productId}.`);
  return row;
}
