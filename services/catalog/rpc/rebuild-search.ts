import type { RebuildSearchRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { listProductIds } from "../document-store.ts";
import { refusal } from "../errors.ts";
import { tellEngine } from "../product-index.ts";

const batchSize = 500;
const first = "00000000-0000-0000-0000-000000000000";

/** One step. All that a rebuild knows is in the request, so it can be left anywhere and begun again. */
export async function rebuildSearch(
  { db, engine }: CatalogContext,
  request: RebuildSearchRequest,
  call: Call,
) {
  requireService(call);
  if (!engine) throw refusal("SEARCH_ENGINE_ABSENT");
  const mark = request.mark === "" ? await engine.mark() : request.mark;
  const productIds = await listProductIds(db, request.after === "" ? first : request.after, batchSize);
  await tellEngine(db, engine, productIds);
  const isLast = productIds.length < batchSize;
  if (isLast) await engine.removeOlder(mark);
  return { mark, after: (isLast ? undefined : productIds.at(-1)) ?? "", told: BigInt(productIds.length) };
}
