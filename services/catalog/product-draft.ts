import type { JsonObject } from "@bufbuild/protobuf";
import type { ProductWrite, VariantWrite } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Money } from "#platform/kit/money.ts";
import { attributesFault, withoutNulls } from "./attributes.ts";
import { parseCategoryWish, type CategoryWish } from "./category.ts";
import { DraftFaults, isPlainText } from "./draft-faults.ts";
import { imageUrlFault } from "./image-url.ts";
import type { ProductFields } from "./product-fields.ts";
import { repeatedOptions, repeatedOptionsText } from "./variant-options.ts";

/** A product write that was checked. What is undefined was not named: made for a new product, kept for an old one. */
export interface ProductDraft {
  readonly name: string;
  readonly description: string;
  readonly priceMinor: bigint;
  readonly categories: readonly CategoryWish[];
  readonly imageUrl: string;
  readonly code: string | undefined;
  readonly slug: string | undefined;
  readonly attributes: JsonObject;
  readonly keywords: string;
  readonly variants: readonly VariantDraft[];
}

export interface VariantDraft {
  /** Undefined for the one variant of a product without a choice. */
  readonly sku: string | undefined;
  readonly options: { readonly [name: string]: string };
  readonly priceMinor: bigint;
  readonly stock: bigint | undefined;
}

/** A product write as it comes from the contract or from an import. */
export type ProductInput = Omit<ProductWrite, "$typeName" | "$unknown" | "variants" | "price" | "cleared"> & {
  readonly price?: Money | undefined;
  readonly keywords?: string;
  readonly variants: readonly VariantInput[];
};
export type VariantInput = Omit<VariantWrite, "$typeName" | "$unknown" | "price" | "id" | "cleared"> & {
  readonly price?: Money | undefined;
};

export const variantsMax = 100;
const categoriesMax = 20;

/** Throws one `invalid` that names every wrong field. */
export function parseProduct(input: ProductInput, currencyCode: string, fields: ProductFields): ProductDraft {
  const faults = new DraftFaults();
  const name = faults.text("name", input.name, 1, 200);
  const description = faults.prose("description", input.description, 10_000);
  const priceMinor = faults.price("price", input.price, currencyCode);
  const stock = faults.stock("stockQuantity", input.stockQuantity);
  if (input.code !== "") faults.code(input.code);
  if (input.slug !== "") faults.slug(input.slug);
  faults.addIf("imageUrl", imageUrlFault(input.imageUrl));
  const attributes = withoutNulls(input.attributes ?? {});
  faults.addIf("attributes", attributesFault(attributes));
  for (const { path, message } of fields.faults(attributes)) faults.add(path, message);
  const draft: ProductDraft = {
    name,
    description,
    priceMinor,
    categories: parseCategories(input, faults),
    imageUrl: input.imageUrl,
    code: input.code || undefined,
    slug: input.slug || undefined,
    attributes,
    keywords: input.keywords ?? "",
    variants:
      input.variants.length === 0
        ? [{ sku: undefined, options: {}, priceMinor, stock }]
        : parseVariants(input, { currencyCode, priceMinor }, faults),
  };
  faults.throwIfAny();
  return draft;
}

export function parseCategories(
  { category, categories }: Pick<ProductInput, "category" | "categories">,
  faults: DraftFaults,
): CategoryWish[] {
  if (category === "" && categories.length === 0)
    faults.add("category", "is required: the slug or the name of a category");
  if (categories.length > categoriesMax) {
    faults.add("categories", `must have at most ${categoriesMax} entries`);
    return [];
  }
  const wishes = new Map<string, CategoryWish>();
  const texts = categories.map((text, index) => ({ text, path: `categories[${index}]` }));
  if (category !== "") texts.unshift({ text: category, path: "category" });
  for (const { text, path } of texts) {
    const wish = isPlainText(text) ? parseCategoryWish(text) : undefined;
    if (!wish)
      faults.add(path, "must be the slug or the name of a category, with letters or digits, at most 80 long");
    else if (!wishes.has(wish.key)) wishes.set(wish.key, wish);
  }
  return [...wishes.values()];
}

function parseVariants(
  input: ProductInput,
  product: { currencyCode: string; priceMinor: bigint },
  faults: DraftFaults,
): VariantDraft[] {
  if (input.stockQuantity !== undefined)
    faults.add("stockQuantity", "must be absent when there are variants: each has its own");
  if (input.variants.length > variantsMax) {
    faults.add("variants", `must have at most ${variantsMax} entries`);
    return [];
  }
  for (const index of repeatedOptions(input.variants.map(({ options }) => options)))
    faults.add(`variants[${index}].options`, repeatedOptionsText);
  const skus = new Set<string>();
  return input.variants.map((variant, index) => {
    const path = `variants[${index}]`;
    const sku = faults.text(`${path}.sku`, variant.sku, 1, 64);
    if (skus.has(sku)) faults.add(`${path}.sku`, "must not occur twice");
    skus.add(sku);
    faults.options(`${path}.options`, variant.options);
    const priceMinor =
      variant.price === undefined
        ? product.priceMinor
        : faults.price(`${path}.price`, variant.price, product.currencyCode);
    return {
      sku,
      options: variant.options,
      priceMinor,
      stock: faults.stock(`${path}.stockQuantity`, variant.stockQuantity),
    };
  });
}
