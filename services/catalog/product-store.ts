import type { Queryable } from "#platform/database/db.ts";
import type { ProductKey, ProductRow } from "./product.ts";

/** Columns of a whole product `p`; its variants and categories come with it, in one statement. */
export const productColumns = `
  p.id, p.code, p.slug, p.name, p.description, p.price_minor as "priceMinor", p.currency_code as "currencyCode",
  p.category, p.image_url as "imageUrl", p.attributes, p.created_at as "createdAt", p.updated_at as "updatedAt",
  (select array_agg(category.slug order by membership.position)
   from product_categories as membership join categories as category on category.id = membership.category_id
   where membership.product_id = p.id) as categories,
  (select jsonb_agg(jsonb_build_object('id', variant.id, 'sku', variant.sku, 'options', variant.options,
                                       'priceMinor', variant.price_minor, 'stock', stock.on_hand - stock.reserved)
                    order by variant.position)
   from product_variants as variant join stock on stock.variant_id = variant.id
   where variant.product_id = p.id and variant.deleted_at is null) as variants`;

/** Products by any of their names, in no order. */
export async function findProducts(db: Queryable, keys: readonly ProductKey[]): Promise<ProductRow[]> {
  return await db.rows<ProductRow>(
    `select ${productColumns} from products as p
     where (p.id = any ($1::uuid[]) or p.code = any ($2::text[]) or p.slug = any ($2::text[])) and p.deleted_at is null`,
    [
      keys.flatMap((key) => ("id" in key ? [key.id] : [])),
      keys.flatMap((key) => ("text" in key ? [key.text] : [])),
    ],
  );
}

export async function findProduct(db: Queryable, key: ProductKey): Promise<ProductRow | undefined> {
  if ("id" in key)
    return await db.row<ProductRow>(
      `select ${productColumns} from products as p where p.id = $1 and p.deleted_at is null`,
      [key.id],
    );
  return await db.row<ProductRow>(
    `select ${productColumns} from products as p where (p.code = $1 or p.slug = $1) and p.deleted_at is null
     order by p.code = $1 desc limit 1`,
    [key.text],
  );
}

/** What the hipstershop contract tells of a product. */
export interface PlainProductRow {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly imageUrl: string;
  readonly priceMinor: bigint;
  readonly currencyCode: string;
  readonly categories: string[];
}

const plainColumns = `
  p.code, p.name, p.description, p.image_url as "imageUrl", p.price_minor as "priceMinor",
  p.currency_code as "currencyCode",
  (select array_agg(category.slug order by membership.position)
   from product_categories as membership join categories as category on category.id = membership.category_id
   where membership.product_id = p.id) as categories`;

/** The demo products first, in their order, then the newest. */
export async function listPlainProducts(db: Queryable, limit: number): Promise<PlainProductRow[]> {
  return await db.rows<PlainProductRow>(
    `select ${plainColumns} from products as p where p.deleted_at is null
     order by p.is_demo desc, p.created_at desc, p.id desc limit $1`,
    [limit],
  );
}

export async function searchPlainProducts(
  db: Queryable,
  part: string,
  limit: number,
): Promise<PlainProductRow[]> {
  const pattern = `%${part.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
  return await db.rows<PlainProductRow>(
    `select ${plainColumns} from products as p
     where p.deleted_at is null and (lower(p.name) like $1 or lower(p.description) like $1)
     order by p.is_demo desc, p.created_at desc, p.id desc limit $2`,
    [pattern, limit],
  );
}
