// public: this contract carries no identity; it only shows what is on sale.
import {
  ProductCatalogService,
  type GetProductRequest,
  type SearchProductsRequest,
} from "#gen/hipstershop/demo_pb.js";
import { money } from "#platform/kit/money.ts";
import { bindRpcs, type BoundService } from "#platform/rpc/contract.ts";
import { toUnitsMoney } from "#platform/kit/units-money.ts";
import type { CatalogContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { parseProductKey } from "./product.ts";
import {
  findProduct,
  listPlainProducts,
  searchPlainProducts,
  type PlainProductRow,
} from "./product-store.ts";

/** That contract knows no pages; more than this would not fit into one message of the usual four megabytes. */
const productsMax = 1_000;

/** The catalogue as the hipstershop contract has it: product ids are codes. */
export function hipsterCatalog(ctx: CatalogContext): BoundService {
  return bindRpcs(ProductCatalogService, ctx, { listProducts, getProduct, searchProducts });
}

async function listProducts({ db }: CatalogContext) {
  return { products: (await listPlainProducts(db, productsMax)).map(toPlainProduct) };
}

async function getProduct({ db }: CatalogContext, { id }: GetProductRequest) {
  const key = parseProductKey(id);
  const product = key && (await findProduct(db, key));
  if (!product) throw refusal("PRODUCT_NOT_FOUND");
  const [first] = product.variants;
  return toPlainProduct({ ...product, priceMinor: BigInt(first?.priceMinor ?? product.priceMinor) });
}

async function searchProducts({ db }: CatalogContext, { query }: SearchProductsRequest) {
  return { results: (await searchPlainProducts(db, query, productsMax)).map(toPlainProduct) };
}

function toPlainProduct(product: PlainProductRow) {
  const { code, name, description, imageUrl, priceMinor, currencyCode, categories } = product;
  const priceUsd = toUnitsMoney(money(currencyCode, priceMinor));
  return { id: code, name, description, picture: imageUrl, priceUsd, categories };
}
