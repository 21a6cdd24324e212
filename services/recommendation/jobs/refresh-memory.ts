import type { Job } from "#platform/database/jobs.ts";
import { Affinity } from "../affinity.ts";
import type { RecommendationContext } from "../context.ts";
import { Shelf, shelfProductOf, type ShelfProduct } from "../shelf.ts";
import { findPopularity, listPairs } from "../store.ts";

const pageSize = 100;

export function refreshMemoryJob(ctx: RecommendationContext): Job {
  const run = async () => await refreshMemory(ctx);
  return { name: "refresh-memory", everyMs: 30_000, isExclusive: false, run };
}

/** Reads anew what is on sale and what was learned. What cannot be read stays as it is. */
export async function refreshMemory(ctx: RecommendationContext): Promise<void> {
  ctx.shelf = new Shelf(await listShelfProducts(ctx));
  const ids = ctx.shelf.products.map(({ id }) => id);
  const [pairs, popularity] = await Promise.all([listPairs(ctx.db, ids), findPopularity(ctx.db)]);
  ctx.affinity = new Affinity(pairs, popularity);
}

async function listShelfProducts({ catalog, productsMax }: RecommendationContext): Promise<ShelfProduct[]> {
  const found: ShelfProduct[] = [];
  let cursor = "";
  do {
    const page = await catalog.listProducts(
      { sort: "newest", limit: pageSize, cursor },
      { timeoutMs: 5_000 },
    );
    found.push(...page.products.map(shelfProductOf));
    cursor = page.nextCursor;
  } while (cursor !== "" && found.length < productsMax);
  return found;
}
