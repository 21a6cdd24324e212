import type { Static } from "@fastify/type-provider-typebox";
import type { JsonObject } from "@bufbuild/protobuf";
import type { GatewayContext } from "../context.ts";
import { endpoint, type ApiRequest } from "../endpoint.ts";
import { noteBehavior } from "../behavior.ts";
import { filterPrices, parseMoney, priceView } from "../money.ts";
import { listJson, pricesOf, productJson } from "../present.ts";
import {
  CurrencyQuery,
  Product,
  ProductList,
  ProductQuery,
  ProductWrite,
  SearchQuery,
  StockChange,
} from "../schemas/product.ts";
import { ref } from "../schemas/shapes.ts";

const asIs = async (ctx: GatewayContext) => await priceView(ctx, undefined, [], {});

async function listPage(ctx: GatewayContext, request: ApiRequest<Static<typeof ProductQuery>, unknown>) {
  const { query, serviceCall } = request;
  const prices = await filterPrices(ctx, query, serviceCall);
  const page = await ctx.clients.catalog.listProducts(
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
  tag: "Products",
  summary: "List products",
  access: "anyone",
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
  tag: "Products",
  summary: "Search products",
  description: "Full text, beginnings of words, and words with one typo; best matches first.",
  access: "anyone",
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
  tag: "Products",
  summary: "Show a product",
  description: "By id, code or slug.",
  access: "anyone",
  query: CurrencyQuery,
  status: 200,
  answer: Product,
  refusals: { 400: ["CURRENCY_UNKNOWN"], 404: ["PRODUCT_NOT_FOUND"] },
  run: async (ctx, request) => {
    const { query, serviceCall } = request;
    const { product } = await ctx.clients.catalog.getProduct({ id: request.param("id") }, serviceCall);
    const show = await priceView(ctx, query.currency, product ? pricesOf([product]) : [], serviceCall);
    const answer = productJson(product, show);
    noteBehavior(ctx, request, "view", [answer.id]);
    return answer;
  },
});

function productMessage(body: Static<typeof ProductWrite>) {
  const { price, variants = [], attributes, stockQuantity, ...rest } = body;
  return {
    ...rest,
    price: parseMoney(price, "price"),
    ...(stockQuantity === undefined ? {} : { stockQuantity: BigInt(stockQuantity) }),
    ...(attributes === undefined ? {} : { attributes: attributes as JsonObject }),
    variants: variants.map((variant, index) => ({
      sku: variant.sku,
      options: variant.options,
      ...(variant.price ? { price: parseMoney(variant.price, `variants[${index}].price`) } : {}),
      ...(variant.stockQuantity === undefined ? {} : { stockQuantity: BigInt(variant.stockQuantity) }),
    })),
  };
}

const taken = ["PRODUCT_CODE_TAKEN", "PRODUCT_SLUG_TAKEN", "SKU_TAKEN"];

const createProduct = endpoint({
  id: "createProduct",
  method: "POST",
  path: "/api/products",
  tag: "Products",
  summary: "Create a product",
  description: "Code and slug are made when absent; a category that does not exist yet is made too.",
  access: "admin",
  body: ref(ProductWrite),
  isKeyed: true,
  status: 201,
  answer: Product,
  refusals: { 409: taken },
  run: async (ctx, { body, idempotencyKey, call }) => {
    const request = { product: productMessage(body), idempotencyKey };
    const { product } = await ctx.clients.catalog.createProduct(request, call);
    return productJson(product, await asIs(ctx));
  },
});

const replaceProduct = endpoint({
  id: "replaceProduct",
  method: "PUT",
  path: "/api/products/:id",
  tag: "Products",
  summary: "Replace a product",
  description: "Everything but stock that is not named. Orders keep their own copy.",
  access: "admin",
  body: ref(ProductWrite),
  status: 200,
  answer: Product,
  refusals: { 404: ["PRODUCT_NOT_FOUND"], 409: taken },
  run: async (ctx, { param, body, call }) => {
    const request = { id: param("id"), product: productMessage(body) };
    const { product } = await ctx.clients.catalog.replaceProduct(request, call);
    return productJson(product, await asIs(ctx));
  },
});

const deleteProduct = endpoint({
  id: "deleteProduct",
  method: "DELETE",
  path: "/api/products/:id",
  tag: "Products",
  summary: "Take a product off sale for good",
  access: "admin",
  status: 204,
  refusals: { 404: ["PRODUCT_NOT_FOUND"] },
  run: async (ctx, { param, call }) => {
    await ctx.clients.catalog.deleteProduct({ id: param("id") }, call);
  },
});

const changeStock = endpoint({
  id: "changeStock",
  method: "PATCH",
  path: "/api/products/:id/stock",
  tag: "Products",
  summary: "Set or adjust stock on hand",
  access: "admin",
  body: ref(StockChange),
  status: 200,
  answer: Product,
  refusals: { 404: ["PRODUCT_NOT_FOUND"], 409: ["STOCK_RESERVED"] },
  run: async (ctx, { param, body, call }) => {
    const change =
      "set" in body
        ? { case: "set" as const, value: BigInt(body.set) }
        : { case: "adjust" as const, value: BigInt(body.adjust) };
    const { product } = await ctx.clients.catalog.adjustStock(
      { productId: param("id"), variantId: body.variantId ?? "", change, reason: body.reason },
      call,
    );
    return productJson(product, await asIs(ctx));
  },
});

export const productEndpoints = [
  listProducts,
  searchProducts,
  getProduct,
  createProduct,
  replaceProduct,
  deleteProduct,
  changeStock,
];
