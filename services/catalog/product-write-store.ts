import type { Tx } from "#platform/database/db.ts";
import type { ProductDraft, VariantDraft } from "./product-draft.ts";
import type { KnownVariant, ReadyVariant } from "./variant-plan.ts";

/** A draft for which everything was decided. */
export interface ReadyProduct extends ProductDraft {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  readonly currencyCode: string;
  readonly categoryIds: readonly string[];
  /** Slug of the first of them. */
  readonly category: string;
  readonly isDemo: boolean;
}

/** Throws what PostgreSQL throws when code, slug or SKU is taken. */
export async function insertProduct(tx: Tx, product: ReadyProduct): Promise<void> {
  const { id, code, slug, currencyCode, isDemo } = product;
  await tx.run(
    `insert into products (id, code, slug, currency_code, is_demo, name, description, price_minor, category, image_url,
                           attributes, keywords)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [id, code, slug, currencyCode, isDemo, ...contentOf(product)],
  );
}

export async function updateProduct(tx: Tx, product: ReadyProduct): Promise<void> {
  const { id, code, slug } = product;
  await tx.run(
    `update products set code = $2, slug = $3, name = $4, description = $5, price_minor = $6, category = $7,
            image_url = $8, attributes = $9, keywords = $10, updated_at = now()
     where id = $1`,
    [id, code, slug, ...contentOf(product)],
  );
}

function contentOf(product: ReadyProduct): unknown[] {
  const { name, description, priceMinor, category, imageUrl, attributes, keywords } = product;
  return [
    name,
    description,
    priceMinor,
    category,
    imageUrl,
    JSON.stringify(attributes),
    keywordsOf(keywords, product.variants),
  ];
}

/** SKUs and options find the product too. */
export function keywordsOf(keywords: string, variants: readonly VariantDraft[]): string {
  const words = variants.flatMap(({ sku = "", options }) => [sku, ...Object.values(options)]);
  return [...new Set([keywords, ...words])].join(" ").trim();
}

export async function saveCategories(
  tx: Tx,
  productId: string,
  categoryIds: readonly string[],
): Promise<void> {
  await tx.run("delete from product_categories where product_id = $1", [productId]);
  await tx.run(
    `insert into product_categories (product_id, category_id, position)
     select $1, id, place - 1 from unnest($2::uuid[]) with ordinality as wished (id, place)`,
    [productId, categoryIds],
  );
}

/** Adds variants or brings them up to date, and gives new ones a stock row; stock itself is changed elsewhere. */
export async function saveVariants(
  tx: Tx,
  productId: string,
  variants: readonly ReadyVariant[],
): Promise<void> {
  await tx.run(
    `insert into product_variants (id, product_id, position, sku, options, price_minor)
     select id, $1, place - 1, sku, options, price
     from unnest($2::uuid[], $3::text[], $4::jsonb[], $5::bigint[]) with ordinality as wanted (id, sku, options, price, place)
     on conflict (id) do update set position = excluded.position, sku = excluded.sku, options = excluded.options,
                                    price_minor = excluded.price_minor`,
    [
      productId,
      variants.map(({ id }) => id),
      variants.map(({ sku }) => sku),
      variants.map(({ options }) => JSON.stringify(options)),
      variants.map(({ priceMinor }) => priceMinor),
    ],
  );
  await tx.run(
    "insert into stock (variant_id, product_id) select id, $1 from unnest($2::uuid[]) as id on conflict do nothing",
    [productId, variants.map(({ id }) => id)],
  );
}

/** Locks the product until the transaction ends, and tells its variants, the first one first. */
export async function lockProduct(tx: Tx, productId: string) {
  const product = await tx.row<{ code: string; slug: string; isDemo: boolean }>(
    `select code, slug, is_demo as "isDemo" from products where id = $1 and deleted_at is null for update`,
    [productId],
  );
  if (!product) return undefined;
  const variants = await tx.rows<KnownVariant>(
    "select id, sku from product_variants where product_id = $1 and deleted_at is null order by position",
    [productId],
  );
  return { ...product, variants };
}

/** The variants' rows stay: reservations and the ledger speak of them. */
export async function deleteVariants(tx: Tx, variantIds: readonly string[]): Promise<void> {
  await tx.run("update product_variants set deleted_at = now() where id = any ($1::uuid[])", [variantIds]);
}

export async function deleteProduct(tx: Tx, productId: string): Promise<number> {
  await tx.run(
    "update product_variants set deleted_at = now() where product_id = $1 and deleted_at is null",
    [productId],
  );
  return await tx.run(
    "update products set deleted_at = now(), updated_at = now() where id = $1 and deleted_at is null",
    [productId],
  );
}
