import { brokenConstraint, type Database, type Tx } from "#platform/database/db.ts";
import type { Transactor } from "#platform/database/kept-answers.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { ensureCategories, placesOf } from "./category-store.ts";
import { refusal, takenRefusal } from "./errors.ts";
import type { ProductDraft } from "./product-draft.ts";
import {
  deleteVariants,
  insertProduct,
  lockProduct,
  saveCategories,
  saveVariants,
  updateProduct,
} from "./product-write-store.ts";
import { slugOf, slugWithSuffix } from "./slug.ts";
import { lockStock, saveStockOnHand, tellStockReason } from "./stock-store.ts";
import { planVariants, type VariantPlan } from "./variant-plan.ts";

export interface WriteContext {
  readonly currencyCode: string;
  readonly actor: string;
  /** Part of the transaction of every write. */
  readonly written: (tx: Tx, productIds: readonly string[]) => Promise<void>;
}

const attemptsMax = 8;

/** Writes a new product and returns its id. A code or slug that the draft does not name is made, until it is free. */
export async function createProduct(
  within: Transactor,
  draft: ProductDraft,
  by: WriteContext,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await within.inTransaction((tx) => insertDraft(tx, draft, { ...by, attempt }));
    } catch (error) {
      const constraint = brokenConstraint(error);
      const isOurChoice =
        (constraint === "products_code" && draft.code === undefined) ||
        (constraint === "products_slug" && draft.slug === undefined);
      if (!isOurChoice || attempt >= attemptsMax) throw takenRefusal(constraint) ?? error;
    }
  }
}

async function insertDraft(
  tx: Tx,
  draft: ProductDraft,
  { currencyCode, actor, attempt, written }: WriteContext & { attempt: number },
): Promise<string> {
  const id = newId();
  const code = draft.code ?? randomCode(10);
  const plainSlug = draft.slug ?? slugOf(draft.name) ?? "product";
  const slug = attempt === 1 || draft.slug !== undefined ? plainSlug : slugWithSuffix(plainSlug);
  const plan = planVariants({ id, code }, [], draft.variants);
  const places = await placesFor(tx, draft);
  const product = {
    ...draft,
    id,
    code,
    slug,
    currencyCode,
    ...places,
    isDemo: false,
    variants: plan.variants,
  };
  await insertProduct(tx, product);
  await saveRest(tx, product, plan, actor);
  await written(tx, [id]);
  return id;
}

/** Replaces everything that the draft names. Refuses to take stock away that checkouts have reserved. */
export async function replaceProduct(
  db: Database,
  productId: string,
  draft: ProductDraft,
  by: WriteContext,
): Promise<"replaced" | "absent"> {
  try {
    return await db.inTransaction(async (tx) => {
      const known = await lockProduct(tx, productId);
      if (!known) return "absent";
      const code = draft.code ?? known.code;
      const plan = planVariants({ id: productId, code }, known.variants, draft.variants);
      const places = await placesFor(tx, draft);
      const { currencyCode } = by;
      const slug = draft.slug ?? known.slug;
      const { isDemo } = known;
      const product = {
        ...draft,
        id: productId,
        code,
        slug,
        currencyCode,
        ...places,
        isDemo,
        variants: plan.variants,
      };
      await updateProduct(tx, product);
      await deleteVariants(tx, plan.removedIds);
      await saveRest(tx, product, plan, by.actor);
      await by.written(tx, [productId]);
      return "replaced";
    });
  } catch (error) {
    throw takenRefusal(brokenConstraint(error)) ?? error;
  }
}

async function placesFor(tx: Tx, { categories }: ProductDraft) {
  const places = placesOf(categories, await ensureCategories(tx, categories));
  const [first] = places;
  if (!first) throw new Error("A product needs a category.");
  return { categoryIds: places.map(({ id }) => id), category: first.slug };
}

async function saveRest(
  tx: Tx,
  product: { readonly id: string; readonly categoryIds: readonly string[] },
  plan: VariantPlan,
  actor: string,
): Promise<void> {
  await saveCategories(tx, product.id, product.categoryIds);
  await saveVariants(tx, product.id, plan.variants);
  await tellStockReason(tx, { reason: "product write", actor });
  for (const { variantId, onHand, reserved } of await lockStock(tx, [...plan.stock.keys()])) {
    const wanted = plan.stock.get(variantId) ?? onHand;
    if (wanted < reserved) throw stockReserved(reserved);
    if (wanted !== onHand) await saveStockOnHand(tx, variantId, wanted);
  }
}

export function stockReserved(reserved: bigint) {
  return refusal("STOCK_RESERVED", {
    publicMessage: `${reserved} are reserved for checkouts under way, so stock on hand cannot fall below that. Try again in some minutes.`,
  });
}
