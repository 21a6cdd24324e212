import type { FieldViolation } from "#platform/kit/errors.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import type { ProductDraft } from "./product-draft.ts";
import { isReservedSlug } from "./reserved-slug.ts";
import { slugOf, slugWithSuffix } from "./slug.ts";
import type { ReadyVariant } from "./variant-plan.ts";

/** What the catalogue already has of a batch: products that the drafts name, and names that are taken. */
export interface KnownCatalog {
  readonly products: readonly KnownProduct[];
  readonly takenSlugs: ReadonlySet<string>;
}

export interface KnownProduct {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  readonly variants: readonly {
    readonly id: string;
    readonly sku: string;
    readonly position: number;
    readonly reserved: number;
  }[];
}

export interface BatchProduct {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  readonly isNew: boolean;
  readonly draft: ProductDraft;
  readonly variants: readonly (ReadyVariant & { readonly position: number; readonly isNew: boolean })[];
}

/** What becomes of one draft: a product to write, or the reasons why not. */
export type BatchOutcome =
  { readonly product: BatchProduct } | { readonly faults: readonly FieldViolation[] };

/**
 * Decides for each draft which product it is: the one with its code, else the one with one of its SKUs, else a new one.
 * Variants that a draft does not name stay. Codes, slugs and SKUs are given out once in a batch.
 */
export function planBatch(drafts: readonly ProductDraft[], known: KnownCatalog): BatchOutcome[] {
  return new BatchPlan(known).outcomes(drafts);
}

class BatchPlan {
  readonly #byCode: Map<string, KnownProduct>;
  readonly #ownerOfSku: Map<string, string>;
  readonly #byId: Map<string, KnownProduct>;
  readonly #slugs: Set<string>;
  readonly #written = new Set<string>();

  constructor({ products, takenSlugs }: KnownCatalog) {
    this.#byCode = new Map(products.map((product) => [product.code, product]));
    this.#byId = new Map(products.map((product) => [product.id, product]));
    this.#ownerOfSku = new Map(products.flatMap(({ id, variants }) => variants.map(({ sku }) => [sku, id])));
    this.#slugs = new Set(takenSlugs);
  }

  outcomes(drafts: readonly ProductDraft[]): BatchOutcome[] {
    return drafts.map((draft) => this.#outcome(draft));
  }

  #outcome(draft: ProductDraft): BatchOutcome {
    const known = this.#find(draft);
    const id = known?.id ?? newId();
    const code = known?.code ?? draft.code ?? this.#freeCode();
    const variants = variantsOf(draft, known, id, code);
    const slug = this.#slug(draft, known);
    const faults = [...this.#faults(draft, known, id, variants), ...(slug === undefined ? [slugFault] : [])];
    if (slug === undefined || faults.length > 0) return { faults };
    this.#slugs.add(slug);
    this.#written.add(id).add(code);
    for (const { sku } of variants) this.#ownerOfSku.set(sku, id);
    return { product: { id, code, slug, isNew: !known, draft, variants } };
  }

  #find({ code, variants }: ProductDraft): KnownProduct | undefined {
    if (code !== undefined) return this.#byCode.get(code);
    const owner = variants.flatMap(({ sku }) => (sku && this.#ownerOfSku.get(sku)) || [])[0];
    return owner === undefined ? undefined : this.#byId.get(owner);
  }

  #slug(draft: ProductDraft, known: KnownProduct | undefined): string | undefined {
    if (draft.slug !== undefined)
      return draft.slug === known?.slug || !this.#slugs.has(draft.slug) ? draft.slug : undefined;
    if (known) return known.slug;
    const plain = slugOf(draft.name) ?? "product";
    return this.#slugs.has(plain) || isReservedSlug(plain) ? slugWithSuffix(plain) : plain;
  }

  #faults(
    draft: ProductDraft,
    known: KnownProduct | undefined,
    id: string,
    variants: BatchProduct["variants"],
  ): FieldViolation[] {
    const faults: FieldViolation[] = [];
    if (this.#written.has(id) || (draft.code !== undefined && this.#written.has(draft.code)))
      faults.push({ path: "code", message: "names a product that an earlier row of the same file wrote" });
    for (const { sku, stock, id: variantId } of variants) {
      const owner = this.#ownerOfSku.get(sku);
      if (owner !== undefined && owner !== id)
        faults.push({ path: "sku", message: `${sku} belongs to another product` });
      const reserved = known?.variants.find((variant) => variant.id === variantId)?.reserved ?? 0;
      if (stock !== undefined && stock < BigInt(reserved))
        faults.push({ path: "stockQuantity", message: `of ${sku} is less than the ${reserved} reserved` });
    }
    return faults;
  }

  #freeCode(): string {
    const code = randomCode(10);
    return this.#byCode.has(code) ? this.#freeCode() : code;
  }
}

const slugFault = { path: "slug", message: "belongs to another product" };

function variantsOf(
  { variants }: ProductDraft,
  known: KnownProduct | undefined,
  id: string,
  code: string,
): BatchProduct["variants"] {
  const first = known?.variants.toSorted((one, other) => one.position - other.position)[0];
  let position = Math.max(-1, ...(known?.variants.map((variant) => variant.position) ?? []));
  return variants.map((draft, index) => {
    const sku = draft.sku ?? first?.sku ?? code;
    const existing = known?.variants.find((variant) => variant.sku === sku);
    if (existing) return { ...draft, sku, id: existing.id, position: existing.position, isNew: false };
    position += 1;
    return { ...draft, sku, id: !known && index === 0 ? id : newId(), position, isNew: true };
  });
}
