import type { Tx } from "#platform/database/db.ts";
import type { BatchProduct, KnownCatalog, KnownProduct } from "./batch.ts";
import { placesOf, type FoundCategory } from "./category-store.ts";
import type { ProductDraft } from "./product-draft.ts";
import { keywordsOf } from "./product-keywords.ts";
import { slugOf } from "./slug.ts";

/** Locks the products and the stock that a batch speaks of, always in the same order. */
export async function lockKnownCatalog(tx: Tx, drafts: readonly ProductDraft[]): Promise<KnownCatalog> {
  const codes = drafts.flatMap(({ code }) => code ?? []);
  const skus = drafts.flatMap(({ variants }) => variants.flatMap(({ sku }) => sku ?? []));
  const slugs = drafts.flatMap(({ slug, name }) => slug ?? slugOf(name) ?? "product");
  const locked = await tx.rows<{ id: string; code: string; slug: string }>(
    `select id, code, slug from products where id in (
       select id from products where code = any ($1::text[]) and deleted_at is null
       union select product_id from product_variants where sku = any ($2::text[]) and deleted_at is null)
     order by id for update`,
    [codes, skus],
  );
  const ids = locked.map(({ id }) => id);
  const variants = ids.length === 0 ? [] : await lockVariants(tx, ids);
  const taken = await tx.rows<{ slug: string }>(
    "select slug from products where slug = any ($1::text[]) and deleted_at is null",
    [slugs],
  );
  const products = locked.map((product) => ({
    ...product,
    variants: variants.filter((variant) => variant.productId === product.id),
  }));
  return { products, takenSlugs: new Set(taken.map(({ slug }) => slug)) };
}

type LockedVariant = KnownProduct["variants"][number] & { readonly productId: string };

async function lockVariants(tx: Tx, productIds: readonly string[]): Promise<LockedVariant[]> {
  return await tx.rows<LockedVariant>(
    `select variant.id, variant.product_id as "productId", variant.sku, variant.position, stock.reserved::int as reserved
     from product_variants as variant join stock on stock.variant_id = variant.id
     where variant.product_id = any ($1::uuid[]) and variant.deleted_at is null
     order by stock.variant_id for update of stock`,
    [productIds],
  );
}

/** Writes whole products, new and old, in a handful of statements. Categories must exist; `places` tells them by the keys of wishes. */
export async function writeBatch(
  tx: Tx,
  products: readonly BatchProduct[],
  currencyCode: string,
  places: ReadonlyMap<string, FoundCategory>,
): Promise<void> {
  const placed = products.map((product) => ({
    ...product,
    places: placesOf(product.draft.categories, places),
  }));
  await upsertProducts(tx, placed, currencyCode);
  await writeMemberships(tx, placed);
  await upsertVariants(tx, products);
  await writeStockOf(tx, products);
}

interface PlacedProduct extends BatchProduct {
  readonly places: readonly FoundCategory[];
}

async function upsertProducts(
  tx: Tx,
  products: readonly PlacedProduct[],
  currencyCode: string,
): Promise<void> {
  const rows = products.map(({ id, code, slug, draft, variants, places }) => ({
    id,
    code,
    slug,
    name: draft.name,
    description: draft.description,
    price_minor: Number(draft.priceMinor),
    category: places[0]?.slug,
    image_url: draft.imageUrl,
    attributes: draft.attributes,
    keywords: keywordsOf(draft.keywords, variants),
  }));
  await tx.run(
    `insert into products (id, code, slug, name, description, price_minor, currency_code, category, image_url, attributes,
                           keywords)
     select id, code, slug, name, description, price_minor, $2, category, image_url, attributes, keywords
     from jsonb_to_recordset($1::jsonb) as given (id uuid, code text, slug text, name text, description text,
       price_minor bigint, category text, image_url text, attributes jsonb, keywords text)
     on conflict (id) do update set slug = excluded.slug, name = excluded.name, description = excluded.description,
       price_minor = excluded.price_minor, category = excluded.category, image_url = excluded.image_url,
       attributes = excluded.attributes, keywords = excluded.keywords, updated_at = now()`,
    [JSON.stringify(rows), currencyCode],
  );
}

async function writeMemberships(tx: Tx, products: readonly PlacedProduct[]): Promise<void> {
  const rows = products.flatMap(({ id, places }) =>
    places.map((place, position) => ({ id, category: place.id, position })),
  );
  await tx.run("delete from product_categories where product_id = any ($1::uuid[])", [
    products.filter(({ isNew }) => !isNew).map(({ id }) => id),
  ]);
  await tx.run(
    `insert into product_categories (product_id, category_id, position)
     select * from unnest($1::uuid[], $2::uuid[], $3::integer[])`,
    [rows.map(({ id }) => id), rows.map(({ category }) => category), rows.map(({ position }) => position)],
  );
}

async function upsertVariants(tx: Tx, products: readonly BatchProduct[]): Promise<void> {
  const rows = products.flatMap((product) => product.variants.map((variant) => ({ product, variant })));
  await tx.run(
    `insert into product_variants (id, product_id, position, sku, options, price_minor)
     select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::jsonb[], $6::bigint[])
     on conflict (id) do update set sku = excluded.sku, options = excluded.options, price_minor = excluded.price_minor`,
    [
      rows.map(({ variant }) => variant.id),
      rows.map(({ product }) => product.id),
      rows.map(({ variant }) => variant.position),
      rows.map(({ variant }) => variant.sku),
      rows.map(({ variant }) => JSON.stringify(variant.options)),
      rows.map(({ variant }) => variant.priceMinor),
    ],
  );
}

async function writeStockOf(tx: Tx, products: readonly BatchProduct[]): Promise<void> {
  const rows = products.flatMap(({ id, variants }) =>
    variants.map((variant) => ({ ...variant, productId: id })),
  );
  const fresh = rows.filter(({ isNew }) => isNew);
  await tx.run(
    "insert into stock (variant_id, product_id, on_hand) select * from unnest($1::uuid[], $2::uuid[], $3::bigint[])",
    [
      fresh.map(({ id }) => id),
      fresh.map(({ productId }) => productId),
      fresh.map(({ stock }) => stock ?? 0n),
    ],
  );
  await writeStock(
    tx,
    new Map(
      rows.flatMap(({ id, isNew, stock }) => (isNew || stock === undefined ? [] : [[id, stock] as const])),
    ),
  );
}

/** New stock on hand, by variant. Where it is so already, nothing is written. */
export async function writeStock(tx: Tx, onHand: ReadonlyMap<string, bigint>): Promise<void> {
  await tx.run(
    `update stock set on_hand = wanted.on_hand from unnest($1::uuid[], $2::bigint[]) as wanted (id, on_hand)
     where stock.variant_id = wanted.id and stock.on_hand <> wanted.on_hand`,
    [[...onHand.keys()], [...onHand.values()]],
  );
}
