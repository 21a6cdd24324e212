import type { JsonObject } from "@bufbuild/protobuf";
import type { ProductWrite, VariantWrite } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { invalid, type FieldViolation } from "#platform/kit/errors.ts";
import type { Money } from "#platform/kit/money.ts";
import { attributesFault } from "./attributes.ts";
import { parseCategoryWish, type CategoryWish } from "./category.ts";
import { imageUrlFault } from "./image-url.ts";
import type { ProductFields } from "./product-fields.ts";
import { isProductCode } from "./product.ts";
import { isSlug } from "./slug.ts";
import { stockMax } from "./stock.ts";

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
export type ProductInput = Omit<ProductWrite, "$typeName" | "$unknown" | "variants" | "price"> & {
  readonly price?: Money | undefined;
  readonly keywords?: string;
  readonly variants: readonly VariantInput[];
};
export type VariantInput = Omit<VariantWrite, "$typeName" | "$unknown" | "price"> & {
  readonly price?: Money | undefined;
};

const priceMinorMax = 999_999_999_999n;
const variantsMax = 100;
const categoriesMax = 20;
const optionsMax = 10;

/** Throws one `invalid` that names every wrong field. */
export function parseProduct(input: ProductInput, currencyCode: string, fields: ProductFields): ProductDraft {
  const faults = new Faults();
  const name = faults.text("name", input.name, 1, 200);
  const description = faults.prose("description", input.description, 10_000);
  const priceMinor = faults.price("price", input.price, currencyCode);
  const stock = faults.stock("stockQuantity", input.stockQuantity);
  if (input.code !== "" && !isProductCode(input.code))
    faults.add("code", "must be 10 upper-case letters and digits");
  if (input.slug !== "" && (!isSlug(input.slug) || isProductCode(input.slug)))
    faults.add(
      "slug",
      "must be small letters and digits of any script with single hyphens, at most 80 characters",
    );
  faults.addIf("imageUrl", imageUrlFault(input.imageUrl));
  const attributes = input.attributes ?? {};
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

function parseCategories({ category, categories }: ProductInput, faults: Faults): CategoryWish[] {
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
  faults: Faults,
): VariantDraft[] {
  if (input.stockQuantity !== undefined)
    faults.add("stockQuantity", "must be absent when there are variants: each has its own");
  if (input.variants.length > variantsMax) {
    faults.add("variants", `must have at most ${variantsMax} entries`);
    return [];
  }
  const skus = new Set<string>();
  return input.variants.map((variant, index) => {
    const path = `variants[${index}]`;
    const sku = faults.text(`${path}.sku`, variant.sku, 1, 64);
    if (skus.has(sku)) faults.add(`${path}.sku`, "must not occur twice");
    skus.add(sku);
    checkOptions(variant.options, `${path}.options`, faults);
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

function checkOptions(options: { readonly [name: string]: string }, path: string, faults: Faults): void {
  const entries = Object.entries(options);
  if (entries.length > optionsMax) faults.add(path, `must have at most ${optionsMax} entries`);
  for (const [name, value] of entries.slice(0, optionsMax)) {
    faults.text(`${path}.${name.slice(0, 40)}`, value, 1, 80);
    if (!isPlainText(name) || name.length < 1 || name.length > 40)
      faults.add(path, "must have names of 1 to 40 characters");
  }
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** Collects what is wrong, so that the caller hears of everything at once. */
class Faults {
  readonly #violations: FieldViolation[] = [];

  add(path: string, message: string): void {
    this.#violations.push({ path, message });
  }

  addIf(path: string, message: string | undefined): void {
    if (message !== undefined) this.add(path, message);
  }

  text(path: string, text: string, lengthMin: number, lengthMax: number): string {
    const trimmed = text.trim();
    if (trimmed.length < lengthMin || trimmed.length > lengthMax)
      this.add(path, `must have ${lengthMin} to ${lengthMax} characters`);
    else if (!isPlainText(trimmed)) this.add(path, "must not contain control characters");
    return trimmed;
  }

  /** Text that may have lines. */
  prose(path: string, text: string, lengthMax: number): string {
    if (text.length > lengthMax) this.add(path, `must have at most ${lengthMax} characters`);
    else if (!isPlainText(text.replace(/[\t\r\n]/g, " ")))
      this.add(path, "must not contain control characters");
    return text;
  }

  price(path: string, price: Money | undefined, currencyCode: string): bigint {
    if (price === undefined) this.add(path, "is required");
    else if (price.currencyCode !== currencyCode)
      this.add(`${path}.currencyCode`, `must be ${currencyCode}, the currency of this shop`);
    else if (price.minor < 0n || price.minor > priceMinorMax)
      this.add(`${path}.amount`, "must be 0 or more, with at most twelve digits");
    return price?.minor ?? 0n;
  }

  stock(path: string, stock: bigint | undefined): bigint | undefined {
    if (stock !== undefined && (stock < 0n || stock > stockMax))
      this.add(path, `must be from 0 to ${stockMax}`);
    return stock;
  }

  throwIfAny(): void {
    if (this.#violations.length > 0) throw invalid(this.#violations);
  }
}
