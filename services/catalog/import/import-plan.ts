import { AppError, invalid, type FieldViolation } from "#platform/kit/errors.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import type { BatchProduct } from "../batch.ts";
import { nameKeyOf, parseCategoryWish, type CategoryWish } from "../category.ts";
import { changeProduct, type EditedProduct, type EditRules } from "../product-change.ts";
import { parseProduct } from "../product-draft.ts";
import { isReservedSlug } from "../reserved-slug.ts";
import { slugOf, slugWithSuffix } from "../slug.ts";
import { stockMax } from "../stock.ts";
import { firstVariants } from "../variant-plan.ts";
import type { ProductPart } from "./import-entry.ts";
import { editOf, inputOf } from "./import-edit.ts";

/** What the shop has of what a batch speaks of. */
export interface ImportedBefore {
  readonly products: readonly KnownProduct[];
  /** Whose a slug is. */
  readonly slugs: ReadonlyMap<string, string>;
  /** Whose a SKU is. */
  readonly skus: ReadonlyMap<string, string>;
  /** Slugs of the categories that are wished for and are there, by the keys of the wishes. */
  readonly categories: ReadonlyMap<string, string>;
}

export interface KnownProduct extends EditedProduct {
  readonly stocks: ReadonlyMap<
    string,
    { readonly onHand: bigint; readonly reserved: bigint; readonly position: number }
  >;
}

/** The row above the next one, where it is about a product. */
export interface RowAbove {
  readonly productId: string;
  /** A line between the two could not be taken: a row that leaves its product to the one above it may have meant that. */
  readonly isCut: boolean;
}

/** What is to be written of a batch. */
export interface ImportChanges {
  readonly products: readonly BatchProduct[];
  /** New stock on hand of variants that are there. */
  readonly stock: ReadonlyMap<string, bigint>;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}

interface State {
  readonly known: KnownProduct | undefined;
  product: EditedProduct;
  nameKey: string;
  categories: readonly CategoryWish[];
  isChanged: boolean;
  /** Opening stock of new variants, by id. */
  readonly opening: Map<string, bigint>;
  readonly stock: Map<string, bigint>;
  readonly skusSaid: Set<string>;
  isSaid: boolean;
}

/**
 * Decides what a batch of a file makes of the shop, part by part, each on top of those before it: a part that cannot be is refused
 * and changes nothing. A product is found by its code, else its slug, else a SKU; what names none of them, by its name and, where it
 * names one, its category. A row with options and a SKU of its own that comes below a row with options is one more variant of the same
 * product, where it has the same name or none.
 */
export class ImportPlan {
  readonly #rules: EditRules;
  readonly #before: ImportedBefore;
  readonly #lastId: string | undefined;
  #above: RowAbove | undefined;
  readonly #states = new Map<string, State>();
  readonly #codes = new Map<string, State>();
  readonly #slugs: Map<string, string>;
  readonly #skus: Map<string, string>;
  readonly #newIds: string[];

  /** `above` is what the batch before ended with: its rows may go on. */
  constructor(rules: EditRules, before: ImportedBefore, count: number, above: RowAbove | undefined) {
    this.#rules = rules;
    this.#before = before;
    this.#lastId = above?.productId;
    this.#above = above;
    this.#slugs = new Map(before.slugs);
    this.#skus = new Map(before.skus);
    // In the order of the file, as they would be if they had been made one after the other.
    this.#newIds = Array.from({ length: count }, () => newId())
      .sort()
      .reverse();
    for (const known of before.products) this.#add(stateOf(known));
  }

  #add(state: State): void {
    this.#states.set(state.product.id, state);
    this.#codes.set(state.product.code, state);
  }

  get above(): RowAbove | undefined {
    return this.#above;
  }

  /** Takes one part; `isCut` where a line before it could not be read. Returns the product's id, or why it is refused. */
  take(
    part: ProductPart,
    isCut: boolean,
  ): { readonly id: string } | { readonly faults: readonly FieldViolation[] } {
    if (isCut) this.#cut();
    try {
      const state = this.#find(part) ?? this.#findAbove(part);
      const id = state ? this.#change(state, this.#withName(part, state)) : this.#create(part);
      this.#above = { productId: id, isCut: false };
      return { id };
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== "invalid") throw error;
      if (part.name !== "") this.#cut();
      const paths = part.isRow ? /^variants\[0\]\./ : /^$/;
      return {
        faults: error.violations.map(({ path, message }) => ({ path: path.replace(paths, ""), message })),
      };
    }
  }

  changes(): ImportChanges {
    const said = [...this.#states.values()].filter(({ isSaid }) => isSaid);
    const stock = new Map(said.flatMap((state) => [...otherStock(state)]));
    const isUpdated = (state: State) => state.isChanged || otherStock(state).size > 0;
    const old = said.filter(({ known }) => known);
    return {
      products: said.filter(({ known, isChanged }) => !known || isChanged).map(batchProductOf),
      stock,
      created: said.length - old.length,
      updated: old.filter(isUpdated).length,
      unchanged: old.filter((state) => !isUpdated(state) && state.known?.id !== this.#lastId).length,
    };
  }

  #find(part: ProductPart): State | undefined {
    const skus = part.variants.flatMap(({ sku }) => sku || []);
    if (part.code !== "") return this.#codes.get(part.code);
    const bySlug = part.slug === "" ? undefined : this.#states.get(this.#slugs.get(part.slug) ?? "");
    const bySku = skus.map((sku) => this.#states.get(this.#skus.get(sku) ?? "")).find((state) => state);
    if (bySlug ?? bySku) return bySlug ?? bySku;
    if (part.slug !== "" || skus.length > 0 || part.name === "") return undefined;
    return this.#findNamed(part);
  }

  #findAbove(part: ProductPart): State | undefined {
    const above = this.#above && this.#states.get(this.#above.productId);
    if (!above || part.code !== "" || part.slug !== "" || !hasChoice(part.variants)) return undefined;
    if (!hasChoice(above.product.variants)) return undefined;
    if (part.name === "") return part.category === "" && !this.#above?.isCut ? above : undefined;
    const isSameName = nameKeyOf(part.name) === above.nameKey;
    return isSameName && (part.category === "" || this.#isIn(above, part.category)) ? above : undefined;
  }

  #cut(): void {
    if (this.#above) this.#above = { ...this.#above, isCut: true };
  }

  /** A name that a product was found by does not change it, however it is written. */
  #withName(part: ProductPart, { product }: State): ProductPart {
    const isKey = part.code === "" && part.slug === "" && part.variants.every(({ sku }) => sku === "");
    return isKey ? { ...part, name: product.name } : part;
  }

  #findNamed(part: ProductPart): State | undefined {
    const key = nameKeyOf(part.name);
    const named = [...this.#states.values()].filter(
      (state) => state.nameKey === key && (part.category === "" || this.#isIn(state, part.category)),
    );
    if (named.length > 1)
      throw invalid([
        {
          path: "name",
          message: `is that of ${named.length} products; say which one by its code, slug or SKU`,
        },
      ]);
    return named[0];
  }

  #isIn({ categories }: State, category: string): boolean {
    const wish = parseCategoryWish(category);
    const slug = wish && (this.#before.categories.get(wish.key) ?? wish.asSlug);
    return categories.some(
      (other) =>
        other.key === wish?.key ||
        (other.asSlug === undefined ? other.nameKey === wish?.nameKey : other.asSlug === slug),
    );
  }

  #change(state: State, part: ProductPart): string {
    const { id } = state.product;
    const isRowOfVariant = part.isRow && part.variants.length > 0;
    if (state.isSaid && !isRowOfVariant)
      throw invalid([
        { path: "", message: "is about a product that an earlier line of the same file is about" },
      ]);
    for (const { sku } of part.variants) this.#requireFreeSku(state, sku);
    const slugOfCategory = (text: string) => {
      const wish = parseCategoryWish(text);
      return (wish && this.#before.categories.get(wish.key)) ?? text;
    };
    const isFurther = isRowOfVariant && (state.isSaid || id === this.#lastId);
    const said = editOf(state.product, part, { fields: this.#rules.fields, slugOfCategory, isFurther });
    const { draft, plan, isChange } = changeProduct(state.product, said.edit, this.#rules);
    const slug = draft.slug ?? state.product.slug;
    this.#requireFreeSlug(slug, id);
    for (const [variantId, quantity] of said.stock) requireStock(state, variantId, quantity);
    state.isChanged ||= isChange || said.keywords !== state.product.ownKeywords;
    if (said.categoriesNamed) state.categories = draft.categories;
    for (const { id: variantId, stock } of plan.variants)
      if (plan.newIds.includes(variantId)) state.opening.set(variantId, stock ?? 0n);
    for (const [variantId, quantity] of said.stock)
      (state.opening.has(variantId) ? state.opening : state.stock).set(variantId, quantity);
    const variants = plan.variants.map((variant) => ({
      ...variant,
      priceMinor: Number(variant.priceMinor),
      stock: 0,
    }));
    const categories = state.categories.map(({ asSlug, name }) => asSlug ?? name);
    state.product = {
      ...state.product,
      ...draft,
      slug,
      variants,
      categories,
      category: categories[0] ?? "",
      ownKeywords: said.keywords,
    };
    this.#say(state, part);
    return id;
  }

  #create(part: ProductPart): string {
    const [variant] = part.variants;
    if (part.isRow && part.name === "" && part.category === "")
      throw invalid([
        {
          path: variant?.sku ? "sku" : part.code === "" ? "slug" : "code",
          message: `${variant?.sku || part.code || part.slug} is of no product of the shop; a new one needs name, price and category`,
        },
      ]);
    const draft = parseProduct(
      inputOf(part, this.#rules.fields),
      this.#rules.currencyCode,
      this.#rules.fields,
    );
    for (const { sku } of part.variants) this.#requireFreeSku(undefined, sku);
    const id = this.#newIds.pop() ?? newId();
    const code = draft.code ?? this.#freeCode();
    const slug = draft.slug ?? this.#madeSlug(draft.name);
    this.#requireFreeSlug(slug, id);
    const ready = firstVariants({ id, code }, draft.variants);
    const categories = draft.categories.map(({ asSlug, name }) => asSlug ?? name);
    const moment = new Date(0);
    const state: State = {
      known: undefined,
      product: {
        ...draft,
        id,
        code,
        slug,
        category: categories[0] ?? "",
        categories,
        currencyCode: this.#rules.currencyCode,
        variants: ready.map((one) => ({ ...one, priceMinor: Number(one.priceMinor), stock: 0 })),
        ownKeywords: draft.keywords,
        createdAt: moment,
        updatedAt: moment,
      },
      nameKey: "",
      categories: draft.categories,
      isChanged: true,
      opening: new Map(ready.map(({ id: variantId, stock }) => [variantId, stock ?? 0n])),
      stock: new Map(),
      skusSaid: new Set(),
      isSaid: true,
    };
    this.#add(state);
    this.#say(state, part);
    return id;
  }

  #say(state: State, part: ProductPart): void {
    const { id, slug, variants } = state.product;
    state.isSaid = true;
    state.nameKey = nameKeyOf(state.product.name);
    for (const { sku } of part.variants) state.skusSaid.add(sku);
    this.#slugs.set(slug, id);
    for (const { sku } of variants) this.#skus.set(sku, id);
  }

  #requireFreeSku(state: State | undefined, sku: string): void {
    if (state?.skusSaid.has(sku))
      throw invalid([{ path: "sku", message: `${sku} is in an earlier line of the same file` }]);
    const owner = sku === "" ? undefined : this.#skus.get(sku);
    if (owner !== undefined && owner !== state?.product.id)
      throw invalid([{ path: "sku", message: `${sku} belongs to another product` }]);
  }

  #requireFreeSlug(slug: string, id: string): void {
    const owner = this.#slugs.get(slug);
    if (owner !== undefined && owner !== id)
      throw invalid([{ path: "slug", message: "belongs to another product" }]);
  }

  #madeSlug(name: string): string {
    const plain = slugOf(name) ?? "product";
    return this.#slugs.has(plain) || isReservedSlug(plain) ? slugWithSuffix(plain) : plain;
  }

  #freeCode(): string {
    const code = randomCode(10);
    return this.#codes.has(code) ? this.#freeCode() : code;
  }
}

/** Whether they are told apart by options, each with a SKU. */
function hasChoice(
  variants: readonly {
    readonly sku?: string | undefined;
    readonly options: { readonly [name: string]: string };
  }[],
): boolean {
  return (
    variants.length > 0 &&
    variants.every(
      ({ sku = "", options }) => sku !== "" && Object.values(options).some((value) => value !== ""),
    )
  );
}

function stateOf(known: KnownProduct): State {
  return {
    known,
    product: known,
    nameKey: nameKeyOf(known.name),
    categories: known.categories.map((slug) => ({
      ...{ key: slug, asSlug: slug, name: slug, nameKey: nameKeyOf(slug), plainSlug: slug },
    })),
    isChanged: false,
    opening: new Map(),
    stock: new Map(),
    skusSaid: new Set(),
    isSaid: false,
  };
}

function requireStock({ known, opening }: State, variantId: string, quantity: bigint): void {
  const reserved = opening.has(variantId) ? 0n : (known?.stocks.get(variantId)?.reserved ?? 0n);
  if (quantity > stockMax)
    throw invalid([{ path: "stockQuantity", message: `must be from 0 to ${stockMax}` }]);
  if (quantity < reserved)
    throw invalid([
      { path: "stockQuantity", message: `is less than the ${reserved} that checkouts have reserved` },
    ]);
}

function otherStock({ known, stock }: State): Map<string, bigint> {
  return new Map([...stock].filter(([id, quantity]) => known?.stocks.get(id)?.onHand !== quantity));
}

function batchProductOf({ known, product, categories, opening }: State): BatchProduct {
  const { id, code, slug, name, description, priceMinor, imageUrl, attributes, ownKeywords } = product;
  let position = Math.max(-1, ...[...(known?.stocks.values() ?? [])].map((stock) => stock.position));
  const variants = product.variants.map((variant) => {
    const before = known?.stocks.get(variant.id);
    if (!before) position += 1;
    return {
      ...{ id: variant.id, sku: variant.sku, options: variant.options },
      priceMinor: BigInt(variant.priceMinor),
      stock: opening.get(variant.id),
      position: before?.position ?? position,
      isNew: !before,
    };
  });
  return {
    ...{ id, code, slug, isNew: !known, variants },
    draft: {
      ...{ name, description, priceMinor, imageUrl, attributes, code, slug, variants },
      categories,
      keywords: ownKeywords,
    },
  };
}
