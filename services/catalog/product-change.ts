// What becomes of a product that is edited: what an edit does not name, stays. Pure.
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "@bufbuild/protobuf";
import type { ProductWrite, VariantWrite } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Money } from "#platform/kit/money.ts";
import { attributesFault, mergePatch, withoutNulls } from "./attributes.ts";
import { nameKeyOf, type CategoryWish } from "./category.ts";
import { DraftFaults } from "./draft-faults.ts";
import { imageUrlFault } from "./image-url.ts";
import type { ProductFields } from "./product-fields.ts";
import type { ProductRow } from "./product.ts";
import { parseCategories, variantsMax, type ProductDraft } from "./product-draft.ts";
import { planVariants, type KnownVariant, type VariantPlan, type VariantWish } from "./variant-plan.ts";

/** An edit as it comes from the contract. */
export interface ProductEdit {
  readonly write: Omit<ProductWrite, "$typeName" | "$unknown" | "price" | "variants"> & {
    readonly price?: Money | undefined;
    readonly variants: readonly VariantEdit[];
  };
  readonly mergesAttributes: boolean;
}
type VariantEdit = Omit<VariantWrite, "$typeName" | "$unknown" | "price"> & {
  readonly price?: Money | undefined;
};

/** A product as it is before the edit. */
export interface EditedProduct extends ProductRow {
  /** Words of its own that find it, without SKUs and options. */
  readonly ownKeywords: string;
}

export interface ProductChange {
  /** The whole product as it becomes; its slug is undefined when it is to be made from the name. */
  readonly draft: ProductDraft & { readonly code: string };
  readonly plan: VariantPlan;
  /** False where all is as it was: nothing is to be written. */
  readonly isChange: boolean;
}

export interface EditRules {
  readonly currencyCode: string;
  readonly fields: ProductFields;
}

const clearable: readonly string[] = ["description", "categories", "imageUrl", "attributes", "slug"];

/** Throws one `invalid` that names every wrong field of the edit; what it leaves as it was, is not judged. */
export function changeProduct(known: EditedProduct, edit: ProductEdit, rules: EditRules): ProductChange {
  const faults = new DraftFaults();
  const { write } = edit;
  const cleared = new Set(write.cleared);
  for (const name of cleared) if (!clearable.includes(name)) faults.add(name, "cannot be emptied");
  const text = (name: "description" | "imageUrl") => (cleared.has(name) ? "" : write[name] || known[name]);
  const description = text("description");
  const imageUrl = text("imageUrl");
  const name =
    write.name === "" || write.name === known.name ? known.name : faults.text("name", write.name, 1, 200);
  if (description !== known.description) faults.prose("description", description, 10_000);
  if (imageUrl !== known.imageUrl) faults.addIf("imageUrl", imageUrlFault(imageUrl));
  const priceMinor =
    write.price === undefined ? known.priceMinor : faults.price("price", write.price, rules.currencyCode);
  const code = write.code === "" || write.code === known.code ? known.code : faults.code(write.code);
  const slug = changedSlug(known, write.slug, cleared.has("slug"), faults);
  const attributes = changedAttributes(known.attributes, edit, rules.fields, faults);
  const categories = changedCategories(known, write, cleared.has("categories"), faults);
  const plan = planVariants(
    known.variants.map(toKnown),
    wishesOf(known, edit, { priceMinor, currencyCode: rules.currencyCode }, faults),
    { priceMinor },
    faults,
  );
  faults.throwIfAny();
  const own = { name, description, priceMinor, categories, imageUrl, code, slug, attributes };
  const draft = { ...own, keywords: known.ownKeywords, variants: plan.variants };
  return { draft, plan, isChange: isOther(known, own) || hasOtherVariants(known, plan) };
}

function changedSlug(
  known: ProductRow,
  slug: string,
  isCleared: boolean,
  faults: DraftFaults,
): string | undefined {
  if (isCleared) return undefined;
  return slug === "" || slug === known.slug ? known.slug : faults.slug(slug);
}

function changedAttributes(
  known: JsonObject,
  { write, mergesAttributes }: ProductEdit,
  fields: ProductFields,
  faults: DraftFaults,
): JsonObject {
  const { attributes: given, cleared } = write;
  const next = cleared.includes("attributes")
    ? {}
    : given === undefined
      ? known
      : mergesAttributes
        ? mergePatch(known, given)
        : withoutNulls(given);
  if (isDeepStrictEqual(next, known)) return known;
  faults.addIf("attributes", attributesFault(next));
  for (const { path, message } of fields.faults(next)) {
    const name = path.slice("attributes.".length);
    if (!isDeepStrictEqual(next[name], known[name])) faults.add(path, message);
  }
  return next;
}

/** `category` is the primary one; `categories` are all, where they are given and are not those that were read before. */
function changedCategories(
  known: ProductRow,
  write: ProductEdit["write"],
  isCleared: boolean,
  faults: DraftFaults,
): CategoryWish[] {
  const isSameList = isDeepStrictEqual(write.categories, known.categories);
  const isSamePrimary = write.category === "" || write.category === known.category;
  if (!isCleared && isSamePrimary && (isSameList || write.categories.length === 0))
    return known.categories.map(asIs);
  if (isCleared || write.categories.length === 0 || isSameList) {
    const [primary = known.category] = isSamePrimary ? [] : [write.category];
    const wishes = parseCategories({ category: primary, categories: [] }, faults);
    const others = isCleared ? [] : known.categories.filter((slug) => slug !== known.category);
    return distinct([...(isSamePrimary ? [asIs(known.category)] : wishes), ...others.map(asIs)]);
  }
  const isPrimaryListed = write.categories.includes(known.category);
  const category = write.category === "" && isPrimaryListed ? known.category : write.category;
  return parseCategories({ category, categories: write.categories }, faults);
}

/** A category that is there. */
function asIs(slug: string): CategoryWish {
  return { key: slug, asSlug: slug, name: slug, nameKey: nameKeyOf(slug), plainSlug: slug };
}

function distinct(wishes: readonly CategoryWish[]): CategoryWish[] {
  return [...new Map(wishes.map((wish) => [wish.key, wish])).values()];
}

function toKnown({ id, sku, options, priceMinor }: ProductRow["variants"][number]): KnownVariant {
  return { id, sku, options, priceMinor: BigInt(priceMinor) };
}

/** Without a list all stay. A variant that costs what the product costs goes with its price, unless it gets one of its own. */
function wishesOf(
  known: ProductRow,
  { write }: ProductEdit,
  { priceMinor, currencyCode }: { priceMinor: bigint; currencyCode: string },
  faults: DraftFaults,
): VariantWish[] {
  const follows = (variant: KnownVariant | undefined, wanted: bigint | undefined) =>
    variant?.priceMinor === known.priceMinor && (wanted === undefined || wanted === variant.priceMinor)
      ? priceMinor
      : wanted;
  const variants = known.variants.map(toKnown);
  if (write.variants.length === 0)
    return variants.map((variant) => ({
      id: variant.id,
      sku: undefined,
      options: undefined,
      priceMinor: follows(variant, undefined),
      stock: undefined,
    }));
  if (write.variants.length > variantsMax) {
    faults.add("variants", `must have at most ${variantsMax} entries`);
    return [];
  }
  return write.variants.map((variant, index) => {
    const path = `variants[${index}]`;
    const match = variants.find(({ id, sku }) =>
      variant.id === "" ? sku === variant.sku : id === variant.id,
    );
    const wish = wishOf(variant, match, { path, priceMinor, currencyCode }, faults);
    return { ...wish, priceMinor: follows(match, wish.priceMinor) };
  });
}

function wishOf(
  { id, sku, options, price, stockQuantity, cleared }: VariantEdit,
  match: KnownVariant | undefined,
  { path, priceMinor, currencyCode }: { path: string; priceMinor: bigint; currencyCode: string },
  faults: DraftFaults,
): VariantWish {
  for (const name of cleared)
    if (name !== "options" && name !== "price") faults.add(`${path}.${name}`, "cannot be emptied");
  const isGiven = Object.keys(options).length > 0 || cleared.includes("options");
  if (isGiven && !isDeepStrictEqual(options, match?.options)) faults.options(`${path}.options`, options);
  const given = price === undefined ? undefined : faults.price(`${path}.price`, price, currencyCode);
  return {
    id: id || undefined,
    sku: sku === "" || sku === match?.sku ? match?.sku : faults.text(`${path}.sku`, sku, 1, 64),
    options: isGiven ? options : undefined,
    priceMinor: cleared.includes("price") ? priceMinor : given,
    stock: match ? undefined : faults.stock(`${path}.stockQuantity`, stockQuantity),
  };
}

function isOther(known: ProductRow, own: Omit<ProductDraft, "keywords" | "variants">): boolean {
  const { categories, ...same } = own;
  const slugs = categories.map(({ asSlug }) => asSlug);
  return (
    !isDeepStrictEqual(slugs, known.categories) ||
    Object.entries(same).some(([name, value]) => !isDeepStrictEqual(value, known[name as keyof ProductRow]))
  );
}

function hasOtherVariants(known: ProductRow, { variants }: VariantPlan): boolean {
  const after = variants.map(({ id, sku, options, priceMinor }) => ({
    id,
    sku,
    options: { ...options },
    priceMinor,
  }));
  const before = known.variants
    .map(toKnown)
    .map((variant) => ({ ...variant, options: { ...variant.options } }));
  return !isDeepStrictEqual(after, before);
}
