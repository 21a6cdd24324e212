// The catalogue's own search, asked as an engine would be: so that it can run the suite of engines.
import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { randomCode } from "#platform/kit/ids.ts";
import { planBatch } from "../batch.ts";
import { lockKnownCatalog, writeBatch } from "../batch-store.ts";
import { ensureCategories } from "../category-store.ts";
import type { CatalogContext } from "../context.ts";
import { parseProduct } from "../product-draft.ts";
import { deleteProduct } from "../product-write-store.ts";
import type { SearchDocument, SearchEngine } from "../provider.ts";
import { listProducts } from "../rpc/list-products.ts";
import { tellStockReason } from "../stock-store.ts";
import { productWrite } from "./catalog-context.ts";

/** What is told becomes a product of the catalogue; its ids are the suite's, and its own behind them. */
export class HouseFinder implements Pick<SearchEngine, "search" | "index" | "remove"> {
  readonly #ctx: CatalogContext;
  /** By the suite's id. */
  readonly #products = new Map<string, { readonly id: string; readonly code: string }>();
  readonly #slugs = new Map<string, string>();

  constructor(ctx: CatalogContext) {
    this.#ctx = ctx;
  }

  async index(documents: readonly SearchDocument[]): Promise<void> {
    for (const { categories, categoryIds } of documents)
      categoryIds.forEach((id, place) => this.#slugs.set(id, categories[place] ?? ""));
    const drafts = documents.map(({ id, name, description, keywords, attributes, categories }) => {
      const [category = "things", ...others] = categories;
      // Codes are found by their beginnings too: a made one would now and then begin as a word of the suite does.
      const code = this.#products.get(id)?.code ?? `00${randomCode(8)}`;
      const parts = { name, description, keywords, attributes, category, categories: others, code };
      return parseProduct(productWrite(parts), "USD", this.#ctx.fields);
    });
    await this.#ctx.db.inTransaction(async (tx) => {
      const outcomes = planBatch(drafts, await lockKnownCatalog(tx, drafts));
      const products = outcomes.flatMap((outcome) => ("product" in outcome ? [outcome.product] : []));
      const categoryIds = await ensureCategories(
        tx,
        products.flatMap(({ draft }) => draft.categories),
      );
      await tellStockReason(tx, { reason: "import", actor: "test" });
      await writeBatch(tx, products, "USD", categoryIds);
      products.forEach(({ id, code }, place) => this.#products.set(documents[place]?.id ?? "", { id, code }));
    });
  }

  async remove(productIds: readonly string[]): Promise<void> {
    for (const suiteId of productIds) {
      const known = this.#products.get(suiteId);
      if (known) await this.#ctx.db.inTransaction(async (tx) => await deleteProduct(tx, known.id));
    }
  }

  async search({ text, limit, categoryIds }: Parameters<SearchEngine["search"]>[0]): Promise<string[]> {
    const wanted = categoryIds?.map((id) => this.#slugs.get(id) ?? "") ?? [""];
    const pages = [];
    for (const category of wanted) {
      const base = { attributes: {}, sort: "", cursor: "", withFacets: false };
      const request = { ...base, query: text, limit, category } as unknown as ListProductsRequest;
      pages.push(...(await listProducts(this.#ctx, request)).products);
    }
    const suiteIds = new Map([...this.#products].map(([suiteId, { id }]) => [id, suiteId]));
    return [...new Set(pages.map(({ id = "" }) => suiteIds.get(id) ?? ""))];
  }
}
