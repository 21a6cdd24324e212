// What a part of a file makes of a product that is there, and of one that is not. Pure.
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "@bufbuild/protobuf";
import { invalid } from "#platform/kit/errors.ts";
import type { EditedProduct, ProductEdit } from "../product-change.ts";
import type { ProductInput } from "../product-draft.ts";
import type { ProductFields } from "../product-fields.ts";
import { attributeText } from "./csv-cells.ts";
import type { ProductPart, VariantPart } from "./import-entry.ts";

type VariantEdit = ProductEdit["write"]["variants"][number];
type KnownVariant = EditedProduct["variants"][number];

export interface EditWith {
  readonly fields: ProductFields;
  /** The slug of the category that a text means, if there is one. */
  readonly slugOfCategory: (text: string) => string;
  /** A row of a table about a product that an earlier row is about: it speaks of a variant only. */
  readonly isFurther: boolean;
}

/** Stock on hand of variants that are there comes apart from the edit: products are edited without it. */
export interface PartEdit {
  readonly edit: ProductEdit;
  readonly keywords: string;
  readonly stock: ReadonlyMap<string, bigint>;
  readonly categoriesNamed: boolean;
}

export function editOf(known: EditedProduct, part: ProductPart, by: EditWith): PartEdit {
  const said = by.isFurther ? onlyVariants(part) : part;
  const cleared: string[] = [];
  const text = (name: "description" | "imageUrl") => {
    if (said[name] === "") cleared.push(name);
    return said[name] ?? "";
  };
  const { matches, variants, stock } = variantsOf(known, part);
  const namesProduct = part.code !== "" || part.slug !== "" || part.name !== "";
  const isOnly = known.variants.length === 1;
  const isFirst = part.variants.length === 0 || !part.isRow || matches[0]?.id === known.variants[0]?.id;
  const categories = categoriesOf(known, said, by, cleared);
  const attributes = said.attributes && attributesOf(known.attributes, said, by.fields);
  if (attributes && Object.keys(attributes).length === 0) cleared.push("attributes");
  const write: ProductEdit["write"] = {
    code: "",
    slug: said.slug,
    name: said.name,
    description: text("description"),
    imageUrl: text("imageUrl"),
    price: isFirst && (namesProduct || isOnly) ? part.price : undefined,
    ...categories,
    ...(attributes ? { attributes } : {}),
    variants,
    cleared,
  };
  return {
    edit: { write, mergesAttributes: false },
    keywords: said.keywords ?? known.ownKeywords,
    stock,
    categoriesNamed:
      categories.category !== "" || categories.categories.length > 0 || cleared.includes("categories"),
  };
}

function onlyVariants(part: ProductPart): ProductPart {
  const nothing = { categories: undefined, description: undefined, imageUrl: undefined };
  return {
    ...part,
    ...nothing,
    slug: "",
    name: "",
    category: "",
    keywords: undefined,
    attributes: undefined,
  };
}

function categoriesOf(known: EditedProduct, part: ProductPart, by: EditWith, cleared: string[]) {
  const category = part.category === "" ? "" : by.slugOfCategory(part.category);
  if (part.categories === undefined) return { category, categories: [] };
  const further = part.categories.map(by.slugOfCategory);
  const all = [...new Set([category || known.category, ...further])];
  if (all.length > 1) return { category, categories: all };
  cleared.push("categories");
  return { category, categories: [] };
}

/** A text of a table that says what is there already leaves it as it is, number or list. */
function attributesOf(known: JsonObject, { attributes }: ProductPart, fields: ProductFields): JsonObject {
  if (!attributes) return known;
  const { values, isWhole, isText } = attributes;
  const given = isText ? fields.spelled(values) : values;
  const kept = isWhole ? {} : known;
  const entries = Object.entries(given).map(([name, value]) => {
    const before = known[name];
    const isSame =
      isText &&
      before !== undefined &&
      attributeText(before) === (value === null ? "" : attributeText(value));
    return [name, isSame ? before : value] as const;
  });
  const next = { ...kept, ...Object.fromEntries(entries) };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null));
}

function variantsOf(known: EditedProduct, part: ProductPart) {
  const stock = new Map<string, bigint>();
  const [first] = known.variants;
  const isOnly = known.variants.length === 1;
  if (part.variants.length === 0) {
    if (part.stockQuantity !== undefined && !isOnly)
      throw invalid([
        {
          path: "stockQuantity",
          message: `must stand beside a SKU: the product has ${known.variants.length} variants`,
        },
      ]);
    if (part.stockQuantity !== undefined && first) stock.set(first.id, part.stockQuantity);
    const variants = first && isOnly && part.price ? [{ ...untouched(first), price: part.price }] : [];
    return { matches: [], variants, stock };
  }
  const matches = part.variants.map((variant) => matchOf(known, part, variant));
  for (const [index, match] of matches.entries()) {
    const quantity = part.variants[index]?.stockQuantity;
    if (match && quantity !== undefined) stock.set(match.id, quantity);
  }
  const changed = known.variants.map((variant) => {
    const said = part.variants[matches.findIndex((match) => match?.id === variant.id)];
    return said ? changedVariant(variant, said) : untouched(variant);
  });
  const added = part.variants.filter((_, index) => !matches[index]).map(newVariant);
  return { matches, variants: [...changed, ...added], stock };
}

/** By SKU. A product that nobody gave a SKU has its code for one, and may get a real one. */
function matchOf(
  known: EditedProduct,
  part: ProductPart,
  { sku, options }: VariantPart,
): KnownVariant | undefined {
  const match = known.variants.find((variant) => variant.sku === sku);
  const [first] = known.variants;
  if (match || known.variants.length !== 1 || part.variants.length !== 1) return match;
  const isSameChoice = isDeepStrictEqual(mergedOptions(first?.options ?? {}, options), { ...first?.options });
  return sku === "" || (first?.sku === known.code && isSameChoice) ? first : undefined;
}

function untouched({ id }: KnownVariant): VariantEdit {
  return { id, sku: "", options: {}, cleared: [] };
}

function changedVariant(variant: KnownVariant, { sku, options, isWhole, price }: VariantPart): VariantEdit {
  const next = isWhole ? options : mergedOptions(variant.options, options);
  const isEmpty = Object.keys(next).length === 0 && Object.keys(variant.options).length > 0;
  return {
    id: variant.id,
    sku,
    options: isDeepStrictEqual({ ...variant.options }, next) ? {} : next,
    ...(price ? { price } : {}),
    cleared: isEmpty ? ["options"] : [],
  };
}

function mergedOptions(known: VariantPart["options"], given: VariantPart["options"]): VariantPart["options"] {
  return Object.fromEntries(Object.entries({ ...known, ...given }).filter(([, value]) => value !== ""));
}

function newVariant({ sku, options, price, stockQuantity }: VariantPart): VariantEdit {
  return {
    id: "",
    sku,
    options: mergedOptions({}, options),
    ...(price ? { price } : {}),
    ...(stockQuantity === undefined ? {} : { stockQuantity }),
    cleared: [],
  };
}

/** A product that is new. */
export function inputOf(part: ProductPart, fields: ProductFields): ProductInput {
  const values = Object.fromEntries(
    Object.entries(part.attributes?.values ?? {}).filter(([, value]) => value !== null),
  );
  return {
    code: part.code,
    slug: part.slug,
    name: part.name,
    description: part.description ?? "",
    category: part.category,
    categories: [...(part.categories ?? [])],
    imageUrl: part.imageUrl ?? "",
    keywords: part.keywords ?? "",
    attributes: part.attributes?.isText ? fields.spelled(values) : values,
    ...withPrice(part.price ?? part.variants[0]?.price),
    ...withStock(part.stockQuantity),
    variants: part.variants.map(({ sku, options, price, stockQuantity }) => ({
      sku,
      options: mergedOptions({}, options),
      ...withPrice(price),
      ...withStock(stockQuantity),
    })),
  };
}

function withPrice(price: ProductPart["price"]) {
  return price === undefined ? {} : { price };
}

function withStock(stockQuantity: bigint | undefined) {
  return stockQuantity === undefined ? {} : { stockQuantity };
}
