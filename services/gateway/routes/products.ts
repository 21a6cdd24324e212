import type { Static } from "@fastify/type-provider-typebox";
import type { GatewayContext } from "../context.ts";
import { endpoint, type ApiRequest } from "../endpoint.ts";
import { noteBehavior } from "../behavior.ts";
import { editTagsOf } from "../entity-tag.ts";
import { Marks } from "../marks.ts";
import { filterPrices, priceView } from "../money.ts";
import { listJson, pricesOf, productJson } from "../present.ts";
import { editMessage, productMessage, type ProductEditJson } from "../product-message.ts";
import {
  CurrencyQuery,
  Product,
  ProductEdit,
  ProductList,
  ProductQuery,
  ProductWrite,
  SearchQuery,
  StockChange,
} from "../schemas/product.ts";
import { ref } from "../schemas/shapes.ts";

const asIs = async (ctx: GatewayContext) => await priceView(ctx, undefined, [], { marks: new Marks() });

async function listPage(ctx: GatewayContext, request: ApiRequest<Static<typeof ProductQuery>, unknown>) {
  const { query, serviceCall } = request;
  const prices = await filterPrices(ctx, query, serviceCall);
  const page = await ctx.goods.list(
    {
      ...prices,
      category: query.category ?? "",
      inStock: query.inStock,
      query: query.q ?? "",
      attributes: query["attributes.*"] ?? {},
      sort: query.sort ?? "",
      limit: query.limit ?? 0,
      cursor: query.cursor ?? "",
      withFacets: query.facets ?? false,
    },
    serviceCall,
  );
  const show = await priceView(ctx, query.currency, pricesOf(page.products), serviceCall);
  const list = listJson(
    page.products.map((product) => productJson(product, show)),
    page,
  );
  if (!query.facets) return list;
  const facets = page.facets.map(({ name, values }) => ({
    name,
    values: values.map(({ value, count }) => ({ value, count: Number(count) })),
  }));
  return { ...list, facets };
}

const listProducts = endpoint({
  id: "listProducts",
  method: "GET",
  path: "/api/products",
  journey: "browse",
  tag: "Products",
  summary: "List products",
  access: "anyone",
  machine: "products",
  query: ProductQuery,
  status: 200,
  answer: ProductList,
  refusals: { 400: ["CURRENCY_UNKNOWN"] },
  run: listPage,
});

const searchProducts = endpoint({
  id: "searchProducts",
  method: "GET",
  path: "/api/products/search",
  journey: "browse",
  tag: "Products",
  summary: "Search products",
  description: "Full text, beginnings of words, and words with one typo; best matches first.",
  access: "anyone",
  machine: "products",
  query: SearchQuery,
  status: 200,
  answer: ProductList,
  refusals: { 400: ["CURRENCY_UNKNOWN"] },
  run: listPage,
});

const getProduct = endpoint({
  id: "getProduct",
  method: "GET",
  path: "/api/products/:id",
  journey: "browse",
  tag: "Products",
  summary: "Show a product",
  description: "By id, code or slug.",
  access: "anyone",
  machine: "products",
  query: CurrencyQuery,
  status: 200,
  answer: Product,
  isTagged: true,
  headers: { "If-None-Match": { type: "string", description: "An ETag: 304 while it is the product's." } },
  refusals: { 400: ["CURRENCY_UNKNOWN"], 404: ["PRODUCT_NOT_FOUND"] },
  run: async (ctx, request) => {
    const { query, serviceCall } = request;
    const { product } = await ctx.goods.product(request.param("id"), serviceCall);
    const show = await priceView(ctx, query.currency, product ? pricesOf([product]) : [], serviceCall);
    const answer = productJson(product, show);
    noteBehavior(ctx, request, "view", [answer.id]);
    return { answer, editTag: product?.editTag ?? "" };
  },
});

const taken = ["PRODUCT_CODE_TAKEN", "PRODUCT_SLUG_TAKEN", "SKU_TAKEN"];

const edited = async (ctx: GatewayContext, product: Parameters<typeof productJson>[0]) => ({
  answer: productJson(product, await asIs(ctx)),
  editTag: product?.editTag ?? "",
});

const createProduct = endpoint({
  id: "createProduct",
  method: "POST",
  path: "/api/products",
  journey: "admin",
  tag: "Products",
  summary: "Create a product",
  description: "Code and slug are made when absent; a category that does not exist yet is made too.",
  access: "admin",
  machine: "products",
  body: ref(ProductWrite),
  isKeyed: true,
  status: 201,
  answer: Product,
  isTagged: true,
  refusals: { 409: taken },
  run: async (ctx, { body, idempotencyKey, call }) => {
    const request = { product: productMessage(body), idempotencyKey };
    const { product } = await ctx.clients.catalog.createProduct(request, call);
    return await edited(ctx, product);
  },
});

const ifMatch = {
  "If-Match": {
    type: "string",
    description:
      "ETags of the product as you saw it: the edit is refused when somebody else's came in between. Sales do not count. Without, or with `*`, any will do.",
  },
};

async function edit(
  ctx: GatewayContext,
  { param, headers, body, call }: ApiRequest<unknown, ProductEditJson>,
  mergesAttributes: boolean,
) {
  const editTags = editTagsOf(headers["if-match"]);
  const product = editMessage(body, ctx.shop.currency, mergesAttributes);
  const request = { id: param("id"), product, editTags, mergesAttributes };
  const answer = await ctx.clients.catalog.replaceProduct(request, call);
  return await edited(ctx, answer.product);
}

const refusalsOfEdit = { 404: ["PRODUCT_NOT_FOUND"], 409: taken, 412: ["PRODUCT_CHANGED"] };

const replaceProduct = endpoint({
  id: "replaceProduct",
  method: "PUT",
  path: "/api/products/:id",
  journey: "admin",
  tag: "Products",
  summary: "Replace what you name of a product",
  description:
    "What is absent stays; what GET answered can be sent back. Attributes and variants are whole lists. Stock of variants that exist never changes here. " +
    "A variant keeps its id for ever, a retired one comes never back. One that costs what the product costs goes with its price. Orders keep their own copy.",
  access: "admin",
  machine: "products",
  body: ref(ProductEdit),
  headers: ifMatch,
  status: 200,
  answer: Product,
  isTagged: true,
  refusals: refusalsOfEdit,
  run: async (ctx, request) => await edit(ctx, request, false),
});

const patchProduct = endpoint({
  id: "patchProduct",
  method: "PATCH",
  path: "/api/products/:id",
  journey: "admin",
  tag: "Products",
  summary: "Change a product",
  description:
    "A merge patch (RFC 7396): what it names is changed, attributes one by one, null takes away, all else stays. Lists are whole lists. " +
    "Variants, stock and prices as of PUT.",
  access: "admin",
  machine: "products",
  body: ref(ProductEdit),
  isMergePatch: true,
  headers: ifMatch,
  status: 200,
  answer: Product,
  isTagged: true,
  refusals: refusalsOfEdit,
  run: async (ctx, request) => await edit(ctx, request, true),
});

const deleteProduct = endpoint({
  id: "deleteProduct",
  method: "DELETE",
  path: "/api/products/:id",
  journey: "admin",
  tag: "Products",
  summary: "Take a product off sale for good",
  access: "admin",
  machine: "products",
  headers: ifMatch,
  status: 204,
  refusals: { 404: ["PRODUCT_NOT_FOUND"], 412: ["PRODUCT_CHANGED"] },
  run: async (ctx, { param, headers, call }) => {
    const request = { id: param("id"), editTags: editTagsOf(headers["if-match"]) };
    await ctx.clients.catalog.deleteProduct(request, call);
  },
});

const changeStock = endpoint({
  id: "changeStock",
  method: "PATCH",
  path: "/api/products/:id/stock",
  journey: "admin",
  tag: "Products",
  summary: "Set or adjust stock on hand",
  access: "admin",
  machine: "products",
  body: ref(StockChange),
  headers: ifMatch,
  status: 200,
  answer: Product,
  isTagged: true,
  refusals: {
    404: ["PRODUCT_NOT_FOUND", "VARIANT_NOT_FOUND"],
    409: ["STOCK_RESERVED"],
    412: ["PRODUCT_CHANGED"],
  },
  run: async (ctx, { param, headers, body, call }) => {
    const editTags = editTagsOf(headers["if-match"]);
    const change =
      "set" in body
        ? { case: "set" as const, value: BigInt(body.set) }
        : { case: "adjust" as const, value: BigInt(body.adjust) };
    const { product } = await ctx.clients.catalog.adjustStock(
      { productId: param("id"), variantId: body.variantId ?? "", change, reason: body.reason, editTags },
      call,
    );
    return await edited(ctx, product);
  },
});

export const productEndpoints = [
  listProducts,
  searchProducts,
  getProduct,
  createProduct,
  replaceProduct,
  patchProduct,
  deleteProduct,
  changeStock,
];
