import { hash } from "node:crypto";
import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ProductSchema, VariantItemSchema, VariantRef } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { isUuid } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";

/** A product on sale as the store reads it. JSON numbers are exact: prices and stock are bounded far below 2^53. */
export interface ProductRow {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly priceMinor: bigint;
  readonly currencyCode: string;
  readonly category: string;
  readonly categories: string[];
  readonly imageUrl: string;
  readonly attributes: JsonObject;
  readonly variants: readonly VariantRow[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface VariantRow {
  readonly id: string;
  readonly sku: string;
  readonly options: { readonly [name: string]: string };
  readonly priceMinor: number;
  readonly stock: number;
}

/** A name of what admins have made of a product: whoever has this one has seen the product as it is. Stock is no part of it. */
export function editTagOf(row: ProductRow): string {
  const variants = row.variants.map(({ id, sku, options, priceMinor }) => [id, sku, options, priceMinor]);
  const { id, code, slug, name, description, priceMinor, currencyCode, categories, imageUrl, attributes } =
    row;
  const content = [id, code, slug, name, description, `${priceMinor}`, currencyCode, categories, imageUrl];
  return hash("sha256", JSON.stringify([...content, attributes, variants]), "base64url").slice(0, 22);
}

/** A product for somebody who may edit it. */
export function toEditableProduct(row: ProductRow): ProductAnswer {
  return { ...toProduct(row), editTag: editTagOf(row) };
}

export type ProductAnswer = MessageInitShape<typeof ProductSchema>;
export type VariantItemAnswer = MessageInitShape<typeof VariantItemSchema>;

export function toProduct(row: ProductRow): ProductAnswer {
  const { priceMinor, currencyCode, variants, createdAt, updatedAt, ...same } = row;
  return {
    ...same,
    price: money(currencyCode, priceMinor),
    stockQuantity: BigInt(variants.reduce((total, { stock }) => total + stock, 0)),
    variants: variants.map((variant) => toVariant(variant, currencyCode)),
    createdAt: timestampFromDate(createdAt),
    updatedAt: timestampFromDate(updatedAt),
  };
}

function toVariant({ id, sku, options, priceMinor, stock }: VariantRow, currencyCode: string) {
  return {
    id,
    sku,
    options: { ...options },
    price: money(currencyCode, BigInt(priceMinor)),
    stockQuantity: BigInt(stock),
  };
}

/** The variant that a reference means, or undefined when the product has none like it on sale. */
export function toVariantItem(row: ProductRow, ref: VariantRef): VariantItemAnswer | undefined {
  const variant = meantVariant(row.variants, ref.variantId);
  return variant && itemOf(row, variant, { ref, isGone: false, variantCount: row.variants.length });
}

/** Without an id the first one is meant; an id means that one and never another. */
export function meantVariant<T extends { readonly id: string }>(
  variants: readonly T[],
  variantId: string,
): T | undefined {
  return variantId === "" ? variants[0] : variants.find(({ id }) => id === variantId);
}

export function itemOf(
  row: ProductRow,
  variant: VariantRow,
  more: { readonly ref: VariantRef; readonly isGone: boolean; readonly variantCount: number },
): VariantItemAnswer {
  return {
    ref: more.ref,
    productId: row.id,
    productCode: row.code,
    productSlug: row.slug,
    name: itemName(row.name, variant.options, more.variantCount),
    imageUrl: row.imageUrl,
    variant: toVariant(variant, row.currencyCode),
    categories: row.categories,
    isGone: more.isGone,
  };
}

/** "Tank Top, M, sand" where there is a choice, else the plain name. */
export function itemName(name: string, options: VariantRow["options"], variantCount: number): string {
  return variantCount > 1 ? [name, ...Object.values(options)].join(", ") : name;
}

/** How a product may be named: by id, or by a text that can be a code or a slug. */
export type ProductKey = { readonly id: string } | { readonly text: string };

/** Undefined for what can name no product, so that it never reaches the database. */
export function parseProductKey(key: string): ProductKey | undefined {
  if (isUuid(key)) return { id: key };
  const text = key.normalize("NFC");
  return /^[\p{L}\p{M}\p{N}-]{1,100}$/u.test(text) ? { text } : undefined;
}

const codePattern = /^[A-Z0-9]{10}$/;

export function isProductCode(text: string): boolean {
  return codePattern.test(text);
}
