import type { ConfigOf } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { CatalogConfig } from "./config.ts";
import { productFields } from "./extension.ts";
import { filesPort, type FileStore } from "./provider.ts";
import { ProductFields } from "./product-fields.ts";
import { RecentAnswers } from "./recent-answers.ts";

/** What an import needs, and nothing of the running program. */
export interface CatalogDatabase {
  readonly db: Database;
  /** The currency of all prices. */
  readonly baseCurrency: string;
  readonly fields: ProductFields;
}

export interface CatalogContext extends CatalogDatabase {
  readonly config: ConfigOf<typeof CatalogConfig>;
  readonly log: Logger;
  readonly isDemo: boolean;
  readonly recent: RecentAnswers;
  readonly files: FileStore;
}

export async function openCatalogContext(kit: Kit<typeof CatalogConfig>): Promise<CatalogContext> {
  const { db, config, clock, log, shop } = kit;
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
  };
}
