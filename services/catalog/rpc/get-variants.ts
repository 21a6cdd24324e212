// public: anyone may look at what is on sale, and at what it was called when it still was.
import type { GetVariantsRequest, VariantRef } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Queryable } from "#platform/database/db.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { CatalogContext } from "../context.ts";
import { invalidField } from "../errors.ts";
import {
  itemOf,
  parseProductKey,
  toVariantItem,
  type ProductRow,
  type VariantItemAnswer,
} from "../product.ts";
import { findProducts, findVariantsWithGone } from "../product-store.ts";

const refsMax = 100;

export async function getVariants({ db }: CatalogContext, { refs, withGone }: GetVariantsRequest) {
  if (refs.length > refsMax) throw invalidField("refs", `must have at most ${refsMax} entries`);
  const keys = [...new Set(refs.map(({ productId }) => productId))].flatMap(
    (text) => parseProductKey(text) ?? [],
  );
  if (keys.length === 0) return { items: [] };
  const products = byEveryName(await findProducts(db, keys));
  const onSale = refs.map((ref) => {
    const product = products.get(ref.productId);
    return product && toVariantItem(product, ref);
  });
  const items = withGone ? await withThoseGone(db, refs, onSale, products) : onSale;
  return { items: items.filter((item) => item !== undefined) };
}

/** Looks once more for what was not found on sale. */
async function withThoseGone(
  db: Queryable,
  refs: readonly VariantRef[],
  onSale: readonly (VariantItemAnswer | undefined)[],
  products: ReadonlyMap<string, ProductRow>,
): Promise<(VariantItemAnswer | undefined)[]> {
  const missing = refs.flatMap((ref, index) => {
    const productId = isUuid(ref.productId) ? ref.productId : products.get(ref.productId)?.id;
    if (onSale[index] || productId === undefined || !(ref.variantId === "" || isUuid(ref.variantId)))
      return [];
    return [{ ref, index, productId, variantId: ref.variantId || undefined }];
  });
  if (missing.length === 0) return [...onSale];
  const items = [...onSale];
  for (const row of await findVariantsWithGone(db, missing)) {
    const wish = missing[row.place];
    const [variant] = row.variants;
    if (wish && variant) items[wish.index] = itemOf(row, variant, { ...row, ref: wish.ref });
  }
  return items;
}

function byEveryName(products: readonly ProductRow[]): Map<string, ProductRow> {
  const found = new Map(products.map((product) => [product.slug, product]));
  for (const product of products) found.set(product.code, product);
  for (const product of products) found.set(product.id, product);
  return found;
}
