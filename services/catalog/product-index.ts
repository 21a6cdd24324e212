// What a search engine beside the catalogue is told.
import type { Queryable } from "#platform/database/db.ts";
import { findDocuments } from "./document-store.ts";
import type { SearchEngine } from "./provider.ts";

const roundsMax = 10;

/**
 * Tells the engine how these products are now. Somebody else may be telling it of an earlier state at this moment and be heard after
 * us: so each looks again after it was heard, and whoever is heard last has said what is true.
 */
export async function tellEngine(
  db: Queryable,
  engine: SearchEngine,
  productIds: readonly string[],
): Promise<void> {
  let documents = await findDocuments(db, productIds);
  for (let round = 1; round <= roundsMax; round += 1) {
    const onSale = new Set(documents.map(({ id }) => id));
    const gone = productIds.filter((id) => !onSale.has(id));
    if (documents.length > 0) await engine.index(documents);
    if (gone.length > 0) await engine.remove(gone);
    const now = await findDocuments(db, productIds);
    if (JSON.stringify(now) === JSON.stringify(documents)) return;
    documents = now;
  }
  throw new Error("The products change faster than the search engine can be told of them.");
}
