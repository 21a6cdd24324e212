import type { Queryable } from "#platform/database/db.ts";
import type { ProductKey, ProductRow } from "./product.ts";

const ownColumns = `
  p.id, p.code, p.slug, p.name, p.description, p.price_minor as "priceMinor", p.currency_code as "currencyCode",
  p.category, p.image_url as "imageUrl", p.attributes, p.created_at as "createdAt", p.updated_at as "updatedAt",
  (select array_agg(category.slug order by membership.position)
   from product_categories as membership join categories as category on category.id = membership.category_id
   where membership.product_id = p.id) as categories`;

/** Columns of a whole product `p`; its variants and categories come with it, in one statement. */
export const productColumns = `${ownColumns},
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

/** A product as an edit finds it, with everything that finds it by words; hold its row, so that it stays so. */
export async function findEditedProduct(
  tx: Queryable,
  productId: string,
): Promise<(ProductRow & { readonly keywords: string }) | undefined> {
  return await tx.row(
    `select ${productColumns}, p.keywords from products as p where p.id = $1 and p.deleted_at is null`,
    [productId],
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

/** One reference to a variant of a product whose id is known; without a variant id, the first one is meant. */
export interface VariantWish {
  readonly productId: string;
  readonly variantId: string | undefined;
}

/**
 * For each wish its product with the one variant it means, also where product or variant is no longer on sale. Of a deleted product
 * the first variant is the first of those that it had in the end.
 */
export async function findVariantsWithGone(
  db: Queryable,
  wishes: readonly VariantWish[],
): Promise<GoneRow[]> {
  return await db.rows<GoneRow>(
    `select wished.place::int - 1 as place, ${ownColumns},
            jsonb_build_array(jsonb_build_object('id', meant.id, 'sku', meant.sku, 'options', meant.options, 'priceMinor', meant.price_minor,
              'stock', case when meant.deleted_at is null then stock.on_hand - stock.reserved else 0 end)) as variants,
            meant.deleted_at is not null as "isGone",
            (select count(*)::int from product_variants as sibling where sibling.product_id = p.id
               and (sibling.id = meant.id or sibling.deleted_at is not distinct from p.deleted_at)) as "variantCount"
     from unnest($1::uuid[], $2::uuid[]) with ordinality as wished (product_id, variant_id, place)
     join products as p on p.id = wished.product_id
     join lateral (
       select variant.* from product_variants as variant
       where variant.product_id = p.id and (wished.variant_id is null or variant.id = wished.variant_id)
       order by variant.deleted_at desc nulls first, variant.position limit 1
     ) as meant on true
     join stock on stock.variant_id = meant.id`,
    [wishes.map(({ productId }) => productId), wishes.map(({ variantId }) => variantId ?? null)],
  );
}

/** A product with one variant, which may be gone. */
export interface GoneRow extends ProductRow {
  /** Of the wish that it answers. */
  readonly place: number;
  readonly isGone: boolean;
  /** How many there are to choose from, with this one. */
  readonly variantCount: number;
}

/** What the hipstershop contract tells of a product; its price is that of the first variant, which is what it sells. */
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
  p.code, p.name, p.description, p.image_url as "imageUrl",
  (select variant.price_minor from product_variants as variant where variant.product_id = p.id and variant.deleted_at is null
   order by variant.position limit 1) as "priceMinor",
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
