import { newId } from "#platform/kit/ids.ts";
import { invalidField } from "./errors.ts";
import type { VariantDraft } from "./product-draft.ts";

export interface KnownVariant {
  readonly id: string;
  readonly sku: string;
}

export interface ReadyVariant extends VariantDraft {
  readonly id: string;
  readonly sku: string;
}

/** What a write makes of a product's variants. */
export interface VariantPlan {
  /** In their new order; the first one has the product's id. */
  readonly variants: readonly ReadyVariant[];
  readonly removedIds: readonly string[];
  /** Stock on hand where the write decides it; absent variants keep theirs. */
  readonly stock: ReadonlyMap<string, bigint>;
}

/**
 * Variants are the same when their SKU is. The first one always has the product's id, because that is how clients that
 * know nothing of variants name it: it stays first while its SKU is wanted, else the first new SKU takes its place.
 */
export function planVariants(
  product: { readonly id: string; readonly code: string },
  known: readonly KnownVariant[],
  drafts: readonly VariantDraft[],
): VariantPlan {
  const idBySku = new Map(known.map(({ id, sku }) => [sku, id]));
  const firstSku = known.find(({ id }) => id === product.id)?.sku;
  const wanted = drafts.map((draft) => ({ ...draft, sku: draft.sku ?? firstSku ?? product.code }));
  const first = wanted.find(({ sku }) => sku === firstSku) ?? wanted.find(({ sku }) => !idBySku.has(sku));
  if (!first)
    throw invalidField(
      "variants",
      `must contain ${firstSku}, whose id is the product's, or a new SKU in its place`,
    );
  const ordered = [first, ...wanted.filter((variant) => variant !== first)];
  const variants = ordered.map((variant) => ({
    ...variant,
    id: variant === first ? product.id : (idBySku.get(variant.sku) ?? newId()),
  }));
  const kept = new Set(variants.map(({ id }) => id));
  return {
    variants,
    removedIds: known.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
    stock: new Map(
      variants.flatMap(({ id, sku, stock }) => {
        const amount = stock ?? (idBySku.has(sku) ? undefined : 0n);
        return amount === undefined ? [] : [[id, amount] as const];
      }),
    ),
  };
}
