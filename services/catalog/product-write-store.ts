import type { Tx } from "#platform/database/db.ts";
import { keywordsOf } from "./product-keywords.ts";
import type { ProductDraft } from "./product-draft.ts";
import type { ReadyVariant, VariantPlan } from "./variant-plan.ts";

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

/** Adds variants or brings them up to date; stock is opened elsewhere. */
export async function saveVariants(
  tx: Tx,
  productId: string,
  { variants, renamedIds }: Pick<VariantPlan, "variants" | "renamedIds">,
): Promise<void> {
  await renameVariants(
    tx,
    variants.filter(({ id }) => renamedIds.includes(id)),
  );
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
}

async function renameVariants(tx: Tx, variants: readonly ReadyVariant[]): Promise<void> {
  if (variants.length === 0) return;
  const ids = variants.map(({ id }) => id);
  // Two may have swapped their SKUs, which the index would see one by one.
  await tx.run("update product_variants set sku = id::text where id = any ($1::uuid[])", [ids]);
  await tx.run(
    `update product_variants as variant set sku = wanted.sku
     from unnest($1::uuid[], $2::text[]) as wanted (id, sku) where variant.id = wanted.id`,
    [ids, variants.map(({ sku }) => sku)],
  );
}

/** Locks the product until the transaction ends. */
export async function lockProduct(tx: Tx, productId: string) {
  return await tx.row<{ isDemo: boolean }>(
    `select is_demo as "isDemo" from products where id = $1 and deleted_at is null for update`,
    [productId],
  );
}

/** Their rows stay as they are for ever: carts, orders, reservations and the ledger speak of them. */
export async function retireVariants(tx: Tx, variantIds: readonly string[]): Promise<void> {
  await tx.run(
    "update product_variants set deleted_at = now() where id = any ($1::uuid[]) and deleted_at is null",
    [variantIds],
  );
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
