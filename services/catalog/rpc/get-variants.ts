// public: anyone may look at what is on sale.
import type { GetVariantsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { CatalogContext } from "../context.ts";
import { invalidField } from "../errors.ts";
import { parseProductKey, toVariantItem, type ProductRow } from "../product.ts";
import { findProducts } from "../product-store.ts";

const refsMax = 100;

export async function getVariants({ db }: CatalogContext, { refs }: GetVariantsRequest) {
  if (refs.length > refsMax) throw invalidField("refs", `must have at most ${refsMax} entries`);
  const keys = [...new Set(refs.map(({ productId }) => productId))].flatMap(
    (text) => parseProductKey(text) ?? [],
  );
  if (keys.length === 0) return { items: [] };
  const products = byEveryName(await findProducts(db, keys));
  const items = refs.flatMap((ref) => {
    const product = products.get(ref.productId);
    return (product && toVariantItem(product, ref)) ?? [];
  });
  return { items };
}

function byEveryName(products: readonly ProductRow[]): Map<string, ProductRow> {
  const found = new Map(products.map((product) => [product.slug, product]));
  for (const product of products) found.set(product.code, product);
  for (const product of products) found.set(product.id, product);
  return found;
}
