import { readFile } from "node:fs/promises";
import type { JsonObject } from "@bufbuild/protobuf";
import { restateMoney } from "#platform/kit/exchange.ts";
import { parseDecimal, type Money } from "#platform/kit/money.ts";
import { planBatch } from "./batch.ts";
import { lockKnownCatalog, writeBatch } from "./batch-store.ts";
import { ensureCategories, insertCategories, type CategorySeed } from "./category-store.ts";
import type { CatalogContext } from "./context.ts";
import { hasProducts, lockSeeding, markDemo } from "./demo-store.ts";
import { ProductFields } from "./product-fields.ts";
import { parseProduct, type ProductDraft } from "./product-draft.ts";
import { tellStockReason } from "./stock-store.ts";

interface DemoPrice {
  readonly amount: string;
  readonly currencyCode: string;
}

interface DemoProduct {
  readonly code: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly categories: string[];
  readonly price: DemoPrice;
  readonly imageUrl: string;
  readonly attributes: JsonObject;
  readonly keywords: readonly string[];
  readonly variants: readonly {
    readonly sku: string;
    readonly options: { [name: string]: string };
    readonly price: DemoPrice;
    readonly stockQuantity: number;
  }[];
}

/** Fills an empty catalogue with the demo products; does nothing where there is or was a product. */
export async function seedDemo({
  db,
  baseCurrency: currencyCode,
  isDemo,
  log,
  note,
}: CatalogContext): Promise<void> {
  if (!isDemo || (await hasProducts(db))) return;
  const categories = await readDemo<CategorySeed[]>("categories.json");
  const drafts = (await readDemo<DemoProduct[]>("products.json")).map((product) =>
    toDraft(product, currencyCode),
  );
  await db.inTransaction(async (tx) => {
    await lockSeeding(tx);
    if (await hasProducts(tx)) return;
    await insertCategories(tx, categories);
    const categoryIds = await ensureCategories(
      tx,
      drafts.flatMap((draft) => draft.categories),
    );
    const outcomes = planBatch(drafts, await lockKnownCatalog(tx, drafts));
    const products = outcomes.flatMap((outcome) => ("product" in outcome ? [outcome.product] : []));
    await tellStockReason(tx, { reason: "received", actor: "catalog", reference: "demo" });
    await writeBatch(tx, products, currencyCode, categoryIds);
    const ids = products.map(({ id }) => id);
    await markDemo(tx, ids);
    await note(tx, {}, ids);
    log.info({ products: products.length }, "The empty catalogue was filled with demo products.");
  });
}

/** The examples know nothing of the fields of extensions, required ones included. */
const houseFields = new ProductFields();

function toDraft(product: DemoProduct, currencyCode: string): ProductDraft {
  return parseProduct(
    {
      ...product,
      price: priceIn(currencyCode, product.price),
      keywords: product.keywords.join(" "),
      variants: product.variants.map((variant) => ({
        ...variant,
        price: priceIn(currencyCode, variant.price),
        stockQuantity: BigInt(variant.stockQuantity),
      })),
    },
    currencyCode,
    houseFields,
  );
}

/** A shop in another currency sells the examples at what a shop in theirs would show them for. */
function priceIn(toCode: string, { amount, currencyCode }: DemoPrice): Money {
  return restateMoney(parseDecimal(amount, currencyCode), toCode);
}

async function readDemo<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`demo/${name}`, import.meta.url), "utf8")) as T;
}
