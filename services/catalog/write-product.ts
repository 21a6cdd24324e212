import type { ActivityCall } from "#platform/activity/activity.ts";
import { brokenConstraint, type Database, type Tx } from "#platform/database/db.ts";
import type { Transactor } from "#platform/database/kept-answers.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { ensureCategories, placesOf } from "./category-store.ts";
import { refusal, takenRefusal } from "./errors.ts";
import type { ProductDraft } from "./product-draft.ts";
import {
  changeProduct,
  type EditedProduct,
  type EditRules,
  type ProductChange,
  type ProductEdit,
} from "./product-change.ts";
import { ownKeywords } from "./product-keywords.ts";
import { findEditedProduct } from "./product-store.ts";
import { editTagOf } from "./product.ts";
import { recordNewProduct, recordProductChange } from "./product-activity.ts";
import { isReservedSlug } from "./reserved-slug.ts";
import {
  insertProduct,
  lockProduct,
  retireVariants,
  saveCategories,
  saveVariants,
  updateProduct,
} from "./product-write-store.ts";
import { slugOf, slugWithSuffix } from "./slug.ts";
import { openStock, tellStockReason } from "./stock-store.ts";
import { firstVariants, type VariantPlan } from "./variant-plan.ts";

export interface WriteContext {
  readonly currencyCode: string;
  readonly actor: string;
  /** Part of the transaction of every write. */
  readonly written: (tx: Tx, productIds: readonly string[]) => Promise<void>;
  /** Who asks for it, for the activity log. */
  readonly call: ActivityCall;
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
  { currencyCode, actor, attempt, written, call }: WriteContext & { attempt: number },
): Promise<string> {
  const id = newId();
  const code = draft.code ?? randomCode(10);
  const slug = draft.slug ?? madeSlug(draft.name, attempt);
  const variants = firstVariants({ id, code }, draft.variants);
  const places = await placesFor(tx, draft);
  const product = {
    ...draft,
    id,
    code,
    slug,
    currencyCode,
    ...places,
    isDemo: false,
    variants,
  };
  await insertProduct(tx, product);
  const newIds = variants.map((variant) => variant.id);
  await saveRest(tx, product, { variants, newIds, renamedIds: [] }, actor);
  await recordNewProduct(tx, product, call);
  await written(tx, [id]);
  return id;
}

export interface EditContext extends WriteContext, EditRules {
  /** Refused unless the product's is one of these; none means whatever it is. */
  readonly editTags: readonly string[];
}

/** Changes what the edit names, and nothing where all is so already. Stock of variants that exist is none of its business. */
export async function editProduct(
  db: Database,
  productId: string,
  edit: ProductEdit,
  by: EditContext,
): Promise<"done" | "absent"> {
  for (let attempt = 1; ; attempt += 1) {
    let isSlugMade = false;
    try {
      return await db.inTransaction(async (tx) => {
        const known = await lockForEdit(tx, productId, by.editTags);
        if (!known) return "absent";
        const change = changeProduct(known, edit, by);
        isSlugMade = change.draft.slug === undefined;
        if (change.isChange) await saveChange(tx, known, change, { ...by, attempt });
        return "done";
      });
    } catch (error) {
      const constraint = brokenConstraint(error);
      const isOurChoice = constraint === "products_slug" && isSlugMade;
      if (!isOurChoice || attempt >= attemptsMax) throw takenRefusal(constraint) ?? error;
    }
  }
}

/** The product until the transaction ends, if it is one that the caller has seen. */
export async function lockForEdit(
  tx: Tx,
  productId: string,
  editTags: readonly string[],
): Promise<(EditedProduct & { readonly isDemo: boolean }) | undefined> {
  const locked = await lockProduct(tx, productId);
  const known = locked && (await findEditedProduct(tx, productId));
  if (!known) return undefined;
  if (editTags.length > 0 && !editTags.includes(editTagOf(known))) throw refusal("PRODUCT_CHANGED");
  return { ...known, ...locked, ownKeywords: ownKeywords(known.keywords, known.variants) };
}

async function saveChange(
  tx: Tx,
  known: EditedProduct & { readonly isDemo: boolean },
  change: ProductChange,
  { currencyCode, actor, attempt, written, call }: EditContext & { attempt: number },
): Promise<void> {
  const { id, isDemo } = known;
  const { draft, plan } = change;
  const slug = draft.slug ?? madeSlug(draft.name, attempt);
  const places = await placesFor(tx, draft);
  const product = { ...draft, ...places, id, slug, currencyCode, isDemo };
  await updateProduct(tx, product);
  await retireVariants(tx, plan.retiredIds);
  await saveRest(tx, product, plan, actor);
  await recordProductChange(tx, known, { ...change, draft: { ...draft, slug } }, call);
  await written(tx, [id]);
}

function madeSlug(name: string, attempt: number): string {
  const plain = slugOf(name) ?? "product";
  return attempt === 1 && !isReservedSlug(plain) ? plain : slugWithSuffix(plain);
}

async function placesFor(tx: Tx, { categories }: Pick<ProductDraft, "categories">) {
  const places = placesOf(categories, await ensureCategories(tx, categories));
  const [first] = places;
  if (!first) throw new Error("A product needs a category.");
  return { categoryIds: places.map(({ id }) => id), category: first.slug };
}

async function saveRest(
  tx: Tx,
  product: { readonly id: string; readonly categoryIds: readonly string[] },
  plan: Pick<VariantPlan, "variants" | "newIds" | "renamedIds">,
  actor: string,
): Promise<void> {
  await saveCategories(tx, product.id, product.categoryIds);
  await saveVariants(tx, product.id, plan);
  if (plan.newIds.length === 0) return;
  await tellStockReason(tx, { reason: "opening stock", actor });
  const opened = plan.variants.filter(({ id }) => plan.newIds.includes(id));
  await openStock(tx, product.id, opened);
}

export function stockReserved(reserved: bigint) {
  return refusal("STOCK_RESERVED", {
    publicMessage: `${reserved} are reserved for checkouts under way, so stock on hand cannot fall below that. Try again in some minutes.`,
  });
}
