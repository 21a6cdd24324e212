import type { Tx } from "#platform/database/db.ts";
import { parseCategoryWish, nameKeyOf } from "./category.ts";
import { ownKeywords } from "./product-keywords.ts";
import { productColumns } from "./product-store.ts";
import type { ProductRow } from "./product.ts";

/** A product as it leaves the shop: stock is what is on hand. */
export interface ExportedProduct extends ProductRow {
  readonly ownKeywords: string;
}

const pageSize = 500;

/** All products on sale, the oldest first, a page at a time. */
export async function* exportedPages(tx: Tx): AsyncGenerator<ExportedProduct[]> {
  let after: Pick<ProductRow, "createdAt" | "id"> | undefined;
  for (;;) {
    const place = after ? " and (p.created_at, p.id) > ($2, $3::uuid)" : "";
    const rows = await tx.rows<ProductRow & { readonly keywords: string }>(
      `select ${productColumns}, p.keywords from products as p where p.deleted_at is null${place}
       order by p.created_at, p.id limit $1`,
      [pageSize, ...(after ? [after.createdAt, after.id] : [])],
    );
    if (rows.length > 0) yield await withStock(tx, rows);
    after = rows.at(-1);
    if (rows.length < pageSize) return;
  }
}

async function withStock(
  tx: Tx,
  rows: readonly (ProductRow & { readonly keywords: string })[],
): Promise<ExportedProduct[]> {
  const stocks = await tx.rows<{ id: string; onHand: bigint }>(
    `select variant_id as id, on_hand as "onHand" from stock where product_id = any ($1::uuid[])`,
    [rows.map(({ id }) => id)],
  );
  const onHand = new Map(stocks.map((stock) => [stock.id, Number(stock.onHand)]));
  return rows.map((row) => ({
    ...row,
    ownKeywords: ownKeywords(row.keywords, row.variants),
    variants: row.variants.map((variant) => ({ ...variant, stock: onHand.get(variant.id) ?? 0 })),
  }));
}

/** Names of all attributes and of all options that products on sale have. */
export async function listNames(
  tx: Tx,
): Promise<{ readonly attributes: string[]; readonly options: string[] }> {
  const attributes = await tx.rows<{ name: string }>(
    `select distinct said.name collate "C" as name from products, jsonb_object_keys(attributes) as said (name)
     where deleted_at is null order by 1`,
  );
  const options = await tx.rows<{ name: string }>(
    `select distinct said.name collate "C" as name from product_variants, jsonb_object_keys(options) as said (name)
     where deleted_at is null order by 1`,
  );
  const namesOf = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);
  return { attributes: namesOf(attributes), options: namesOf(options) };
}

/** What people call each category, by slug, where they call it something and nothing else is meant by that; else its slug. */
export async function categoryLabels(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx.rows<{ slug: string; name: string; isNameMade: boolean }>(
    `select slug, name, is_name_made as "isNameMade" from categories`,
  );
  const slugs = new Set(rows.map(({ slug }) => slug));
  const byKey = Map.groupBy(rows, ({ name }) => nameKeyOf(name));
  return new Map(
    rows.map(({ slug, name, isNameMade }) => {
      const wish = parseCategoryWish(name);
      const isSlugOfOther = wish?.asSlug !== undefined && wish.asSlug !== slug && slugs.has(wish.asSlug);
      const isClear = wish && !isNameMade && !isSlugOfOther && byKey.get(wish.nameKey)?.length === 1;
      return [slug, isClear ? name : slug];
    }),
  );
}
