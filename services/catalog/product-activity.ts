// What the activity log says of products and their stock.
import { recordActivity, type ActivityCall } from "#platform/activity/activity.ts";
import { changedFields } from "#platform/activity/changes.ts";
import type { Tx } from "#platform/database/db.ts";
import type { ProductChange, EditedProduct } from "./product-change.ts";
import type { ProductDraft } from "./product-draft.ts";

interface VariantState {
  readonly id: string;
  readonly sku: string;
  readonly options: { readonly [name: string]: string };
  readonly priceMinor: bigint | number;
}

export async function recordNewProduct(
  tx: Tx,
  product: ProductDraft & { id: string; code: string; currencyCode: string; category: string },
  call: ActivityCall,
): Promise<void> {
  const { id, code, name, priceMinor, currencyCode, category, variants } = product;
  const stock = variants.reduce((sum, { stock: onHand }) => sum + (onHand ?? 0n), 0n);
  const after = { code, name, priceMinor, currencyCode, category, variants: variants.length, stock };
  await recordActivity(tx, { action: "product.create", subject: { kind: "product", id }, after, call });
}

/** Only what is different; a new price is an entry of this kind, too. */
export async function recordProductChange(
  tx: Tx,
  known: EditedProduct,
  { draft, plan }: ProductChange,
  call: ActivityCall,
): Promise<void> {
  const { name, description, priceMinor, imageUrl, code, slug, attributes } = draft;
  const before = {
    name: known.name,
    description: known.description,
    priceMinor: known.priceMinor,
    imageUrl: known.imageUrl,
    code: known.code,
    slug: known.slug,
    attributes: known.attributes,
    categories: known.categories,
    variants: known.variants.map(stateOf),
  };
  const after = {
    ...{ name, description, priceMinor, imageUrl, code, slug: slug ?? known.slug, attributes },
    categories: draft.categories.map(({ asSlug }) => asSlug),
    variants: plan.variants.map(stateOf),
  };
  const subject = { kind: "product", id: known.id };
  await recordActivity(tx, { action: "product.change", subject, ...changedFields(before, after), call });
}

/** Retired: it is sold no more, and orders keep what they need of it. */
export async function recordRetired(
  tx: Tx,
  { id, code, name }: EditedProduct,
  call: ActivityCall,
): Promise<void> {
  const subject = { kind: "product", id };
  await recordActivity(tx, { action: "product.delete", subject, before: { code, name }, call });
}

function stateOf({ id, sku, options, priceMinor }: VariantState) {
  return { id, sku, options: { ...options }, priceMinor: Number(priceMinor) };
}
