import type { ConfigOf } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { CatalogConfig } from "./config.ts";
import { productFields } from "./extension.ts";
import { EngineSearch } from "./engine-search.ts";
import { filesPort, searchPort, type FileStore, type SearchEngine } from "./provider.ts";
import { noteProducts, type NoteProducts } from "./tasks/index-products.ts";
import { ProductFields } from "./product-fields.ts";
import { RecentAnswers } from "./recent-answers.ts";

/** What an import needs, and nothing of the running program. */
export interface CatalogDatabase {
  readonly db: Database;
  /** The currency of all prices. */
  readonly baseCurrency: string;
  readonly fields: ProductFields;
  readonly note: NoteProducts;
}

export interface CatalogContext extends CatalogDatabase {
  readonly config: ConfigOf<typeof CatalogConfig>;
  readonly log: Logger;
  readonly isDemo: boolean;
  readonly recent: RecentAnswers;
  readonly files: FileStore;
  /** Absent where the catalogue searches in its own database. */
  readonly engine: SearchEngine | undefined;
  /** The way to the engine for whoever searches. */
  readonly engineSearch: EngineSearch | undefined;
}

export async function openCatalogContext(kit: Kit<typeof CatalogConfig>): Promise<CatalogContext> {
  const { db, config, clock, log, shop, tasks } = kit;
  const engine = await kit.provider(searchPort, undefined);
  const wish = config.CATALOG_DEMO;
  return {
    db,
    baseCurrency: shop.currency,
    fields: new ProductFields(kit.added(productFields)),
    config,
    log,
    isDemo: wish === "auto" ? shop.isEmbedded : wish === "true",
    recent: new RecentAnswers(clock),
    files: await kit.provider(filesPort, undefined),
    engine,
    engineSearch: engine && new EngineSearch(engine, clock, log),
    note: engine ? noteProducts(tasks) : () => Promise.resolve(),
  };
}
