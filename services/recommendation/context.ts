import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Database } from "#platform/database/db.ts";
import type { Flags } from "#platform/kit/flags.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { Kit } from "#platform/kit/service.ts";
import { Affinity } from "./affinity.ts";
import type { Deed } from "./co-occurrence.ts";
import type { RecommendationConfig } from "./config.ts";
import { Shelf } from "./shelf.ts";

export const recommendationNeeds = { catalog: CatalogService };

export interface RecommendationContext {
  readonly db: Database;
  readonly catalog: Client<typeof CatalogService>;
  readonly flags: Flags;
  readonly log: Logger;
  readonly productsMax: number;
  /** Deeds that are not learned yet. */
  readonly waiting: Deed[];
  /** What answers come from; replaced as a whole. */
  shelf: Shelf;
  affinity: Affinity;
}

export function openRecommendationContext(
  kit: Kit<typeof RecommendationConfig, typeof recommendationNeeds>,
): RecommendationContext {
  const { db, clients, flags, log, config } = kit;
  return {
    db,
    catalog: clients.catalog,
    flags,
    log,
    productsMax: config.RECOMMENDATION_PRODUCTS_MAX,
    waiting: [],
    shelf: new Shelf([]),
    affinity: new Affinity([], new Map()),
  };
}
