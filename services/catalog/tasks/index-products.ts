import type { Tx } from "#platform/database/db.ts";
import { defineTask, type Cause, type TaskDefinition, type Tasks } from "#platform/database/tasks.ts";
import { newId } from "#platform/kit/ids.ts";
import type { CatalogContext } from "../context.ts";
import { tellEngine } from "../product-index.ts";

const name = "index-products";
const batchSize = 500;

/** Notes with a write which products the search engine has to be told of. */
export type NoteProducts = (tx: Tx, cause: Cause, productIds: readonly string[]) => Promise<void>;

/** Writes one task for each 500 products. Every write has tasks of its own: one that is being tried may have read what was before it. */
export function noteProducts(tasks: Pick<Tasks, "add">): NoteProducts {
  return async (tx, cause, productIds) => {
    for (let at = 0; at < productIds.length; at += batchSize)
      await tasks.add(tx, cause, {
        name,
        key: newId(),
        payload: { productIds: productIds.slice(at, at + batchSize) },
      });
  };
}

/** Is never given up: an engine that was away for a day hears all that it missed. Without an engine there is nobody to tell. */
export function indexProductsTask({ db, engine }: Pick<CatalogContext, "db" | "engine">): TaskDefinition {
  return defineTask<{ productIds: string[] }>({
    name,
    policy: { attemptsMax: "never", parallelMax: 2 },
    run: async ({ payload: { productIds } }) => {
      if (engine) await tellEngine(db, engine, productIds);
    },
  });
}
