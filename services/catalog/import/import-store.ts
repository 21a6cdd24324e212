import type { Tx } from "#platform/database/db.ts";
import { writeBatch, writeStock } from "../batch-store.ts";
import { parseCategoryWish } from "../category.ts";
import { ensureCategories, findCategories } from "../category-store.ts";
import { ownKeywords } from "../product-keywords.ts";
import type { ProductRow } from "../product.ts";
import { productColumns } from "../product-store.ts";
import { slugOf } from "../slug.ts";
import type { ProductPart } from "./import-entry.ts";
import type { ImportChanges, ImportedBefore, KnownProduct } from "./import-plan.ts";

/**
 * Locks the products and the stock that these parts may speak of, always in the same order, and tells how they are; `aboveId` is the
 * product that the part before them was about.
 */
export async function lockImported(
  tx: Tx,
  parts: readonly ProductPart[],
  aboveId: string | undefined,
): Promise<ImportedBefore> {
  const codes = parts.flatMap(({ code }) => code || []);
  const skus = parts.flatMap(({ variants }) => variants.flatMap(({ sku }) => sku || []));
  const slugs = parts.flatMap(({ slug, name }) => slug || slugOf(name) || "product");
  const named = parts.filter(
    ({ code, slug, variants }) => code === "" && slug === "" && variants.every(({ sku }) => sku === ""),
  );
  const locked = await tx.rows<{ id: string }>(
    `select id from products where id in (
       select id from products where (code = any ($1::text[]) or slug = any ($2::text[])) and deleted_at is null
       union select product_id from product_variants where sku = any ($3::text[]) and deleted_at is null
       union select id from products
         where sort_name = any (select folded(name) from unnest($4::text[]) as name) and deleted_at is null
       union select id from products where id = $5 and deleted_at is null)
     order by id for update`,
    [
      codes,
      parts.flatMap(({ slug }) => slug || []),
      skus,
      named.flatMap(({ name }) => [name, name.replace(/\s+/g, " ")]),
      aboveId,
    ],
  );
  const ids = locked.map(({ id }) => id);
  const stocks = ids.length === 0 ? [] : await lockStocks(tx, ids);
  const taken = await tx.rows<{ slug: string; id: string }>(
    "select slug, id from products where slug = any ($1::text[]) and deleted_at is null",
    [slugs],
  );
  const products = ids.length === 0 ? [] : await findKnown(tx, ids, stocks);
  return {
    products,
    slugs: new Map([...taken, ...products].map(({ slug, id }) => [slug, id])),
    skus: new Map(products.flatMap(({ id, variants }) => variants.map(({ sku }) => [sku, id]))),
    categories: await findCategories(
      tx,
      parts.flatMap(({ category, categories = [] }) =>
        [category, ...categories].flatMap((text) => parseCategoryWish(text) ?? []),
      ),
    ),
  };
}

interface LockedStock {
  readonly id: string;
  readonly productId: string;
  readonly position: number;
  readonly onHand: bigint;
  readonly reserved: bigint;
}

async function lockStocks(tx: Tx, productIds: readonly string[]): Promise<LockedStock[]> {
  return await tx.rows<LockedStock>(
    `select variant.id, variant.product_id as "productId", variant.position, stock.on_hand as "onHand", stock.reserved
     from product_variants as variant join stock on stock.variant_id = variant.id
     where variant.product_id = any ($1::uuid[]) and variant.deleted_at is null
     order by stock.variant_id for update of stock`,
    [productIds],
  );
}

async function findKnown(
  tx: Tx,
  ids: readonly string[],
  stocks: readonly LockedStock[],
): Promise<KnownProduct[]> {
  const rows = await tx.rows<ProductRow & { readonly keywords: string }>(
    `select ${productColumns}, p.keywords from products as p where p.id = any ($1::uuid[]) and p.deleted_at is null`,
    [ids],
  );
  const byProduct = Map.groupBy(stocks, ({ productId }) => productId);
  return rows.map((row) => ({
    ...row,
    ownKeywords: ownKeywords(row.keywords, row.variants),
    stocks: new Map((byProduct.get(row.id) ?? []).map((stock) => [stock.id, stock])),
  }));
}

/** Writes what has changed and nothing else. Returns the products that a search has to hear of. */
export async function writeImported(
  tx: Tx,
  { products, stock }: ImportChanges,
  currencyCode: string,
): Promise<string[]> {
  if (products.length > 0) {
    const places = await ensureCategories(
      tx,
      products.flatMap(({ draft }) => draft.categories),
    );
    await writeBatch(tx, products, currencyCode, places);
  }
  if (stock.size > 0) await writeStock(tx, stock);
  return products.map(({ id }) => id);
}
