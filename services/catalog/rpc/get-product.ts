// public: anyone may look at what is on sale.
import type { GetProductRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parseProductKey, toEditableProduct } from "../product.ts";
import { findProduct } from "../product-store.ts";

export async function getProduct({ db }: CatalogContext, request: GetProductRequest) {
  const key = parseProductKey(request.id);
  const product = key && (await findProduct(await db.reader(), key));
  if (!product) throw refusal("PRODUCT_NOT_FOUND");
  return { product: toEditableProduct(product) };
}
