import { newId } from "#platform/kit/ids.ts";
import type { DraftFaults } from "./draft-faults.ts";
import type { VariantDraft } from "./product-draft.ts";
import { repeatedOptions, repeatedOptionsText } from "./variant-options.ts";

export interface KnownVariant {
  readonly id: string;
  readonly sku: string;
  readonly options: { readonly [name: string]: string };
  readonly priceMinor: bigint;
}

export interface ReadyVariant extends VariantDraft {
  readonly id: string;
  readonly sku: string;
}

/** What a change says of one variant. What is undefined was not named: it stays, or is made for a new one. */
export interface VariantWish {
  /** Undefined means the variant of the SKU, else a new one. */
  readonly id: string | undefined;
  readonly sku: string | undefined;
  readonly options: { readonly [name: string]: string } | undefined;
  readonly priceMinor: bigint | undefined;
  readonly stock: bigint | undefined;
}

/** What a change makes of a product's variants. */
export interface VariantPlan {
  /** In their new order. Those that are new say what their stock opens with. */
  readonly variants: readonly ReadyVariant[];
  readonly newIds: readonly string[];
  readonly retiredIds: readonly string[];
  /** Those whose SKU is another one now. */
  readonly renamedIds: readonly string[];
}

/** The variants of a new product. The first one gets the product's id: whoever knows nothing of variants names it so. */
export function firstVariants(
  product: { readonly id: string; readonly code: string },
  drafts: readonly VariantDraft[],
): ReadyVariant[] {
  return drafts.map((draft, index) => ({
    ...draft,
    sku: draft.sku ?? product.code,
    id: index === 0 ? product.id : newId(),
  }));
}

/**
 * A variant is its id, whatever it is called: the wishes are the whole list, one without an id means the variant of its SKU, and what
 * matches none becomes a variant with an id that none ever had. What is not wished for is retired.
 */
export function planVariants(
  known: readonly KnownVariant[],
  wishes: readonly VariantWish[],
  product: { readonly priceMinor: bigint },
  faults: DraftFaults,
): VariantPlan {
  const matches = matchWishes(known, wishes, faults);
  const variants = wishes.map((wish, index) => {
    const match = matches[index];
    if (!match && wish.sku === undefined) faults.add(`variants[${index}].sku`, "is required");
    checkSameness(wish, match, `variants[${index}]`, faults);
    return {
      id: match?.id ?? newId(),
      sku: wish.sku ?? match?.sku ?? "",
      options: wish.options ?? match?.options ?? {},
      priceMinor: wish.priceMinor ?? match?.priceMinor ?? product.priceMinor,
      stock: match ? undefined : (wish.stock ?? 0n),
    };
  });
  checkSkus(variants, faults);
  checkOptions(known, variants, faults);
  const kept = new Set(matches.map((match) => match?.id));
  return {
    variants,
    newIds: variants.flatMap(({ id }, index) => (matches[index] ? [] : [id])),
    retiredIds: known.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
    renamedIds: variants.flatMap(({ id, sku }, index) =>
      matches[index] && matches[index].sku !== sku ? [id] : [],
    ),
  };
}

function matchWishes(
  known: readonly KnownVariant[],
  wishes: readonly VariantWish[],
  faults: DraftFaults,
): (KnownVariant | undefined)[] {
  const byId = new Map(known.map((variant) => [variant.id, variant]));
  const named = new Set(wishes.flatMap(({ id }) => id ?? []));
  const bySku = new Map(known.filter(({ id }) => !named.has(id)).map((variant) => [variant.sku, variant]));
  const seen = new Set<string>();
  return wishes.map(({ id, sku }, index) => {
    if (id === undefined) return bySku.get(sku ?? "");
    const match = byId.get(id);
    if (!match)
      faults.add(
        `variants[${index}].id`,
        "names no variant that the product has now; leave it out to make a new one",
      );
    if (seen.has(id)) faults.add(`variants[${index}].id`, "must not occur twice");
    seen.add(id);
    return match;
  });
}

/** Of whoever has it in a cart, nobody would get what was chosen. */
function checkSameness(
  { sku, options }: VariantWish,
  match: KnownVariant | undefined,
  path: string,
  faults: DraftFaults,
): void {
  if (!match || sku === undefined || options === undefined || sku === match.sku) return;
  if (repeatedOptions([match.options, options]).length === 0)
    faults.add(
      `${path}.id`,
      "is that of a variant with another SKU and other options; leave it out to make a new one",
    );
}

function checkSkus(variants: readonly ReadyVariant[], faults: DraftFaults): void {
  const skus = new Set<string>();
  for (const [index, { sku }] of variants.entries()) {
    if (sku !== "" && skus.has(sku)) faults.add(`variants[${index}].sku`, "must not occur twice");
    skus.add(sku);
  }
}

/** What was alike already is no fault of this change. */
function checkOptions(
  known: readonly KnownVariant[],
  variants: readonly ReadyVariant[],
  faults: DraftFaults,
): void {
  const before = new Map(known.map(({ id, options }) => [id, options]));
  for (const index of repeatedOptions(variants.map(({ options }) => options))) {
    const { id, options } = variants[index] ?? { id: "", options: {} };
    const others = variants.slice(0, index).filter((other) => areAlike(other.options, options));
    const isOld = (variantId: string) => areAlike(before.get(variantId), options);
    if (!isOld(id) || !others.every((other) => isOld(other.id)))
      faults.add(`variants[${index}].options`, repeatedOptionsText);
  }
}

function areAlike(one: VariantWish["options"], other: VariantWish["options"]): boolean {
  return one !== undefined && other !== undefined && repeatedOptions([one, other]).length === 1;
}
