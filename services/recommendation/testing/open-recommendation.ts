// What this service's tests share: the service beside a catalogue that answers its contract.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { CatalogService, ProductSchema, type ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { appError } from "#platform/kit/errors.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { newId } from "#platform/kit/ids.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService, type AnyService } from "#platform/kit/service.ts";
import { testServices } from "#platform/testing/services.ts";
import { Affinity } from "../affinity.ts";
import type { RecommendationContext } from "../context.ts";
import { recommendation } from "../service.ts";
import { Shelf } from "../shelf.ts";
import { fixedFlags } from "#platform/kit/flags.ts";

/** Products on sale, in pages as the contract has them; it can be away. */
export class StandInCatalogue {
  readonly products = new Map<string, MessageInitShape<typeof ProductSchema> & { id: string }>();
  isAway = false;

  add(code: string, category: string, change: { stockQuantity?: bigint } = {}): string {
    const price = { currencyCode: "USD", minor: 1_000n };
    const product = { id: newId(), code, slug: code.toLowerCase(), price, categories: [category] };
    this.products.set(code, { ...product, stockQuantity: 10n, ...change });
    return product.id;
  }

  asService(): AnyService {
    const listProducts = async (_: unknown, { cursor, limit }: ListProductsRequest) => {
      if (this.isAway) throw appError("unavailable", "NEIGHBOUR_UNAVAILABLE");
      const start = Number(cursor || "0");
      const all = [...this.products.values()].map((product) => create(ProductSchema, product));
      const end = start + limit;
      return await Promise.resolve({
        products: all.slice(start, end),
        nextCursor: end < all.length ? String(end) : "",
      });
    };
    const parts = () => ({ rpc: [bindRpcs(CatalogService, undefined, { listProducts } as never)] });
    return defineService({ name: "catalog", config: {}, needs: {}, create: parts });
  }
}

/** The running service, and a context of its database that a test can look into. */
export async function openRecommendations(catalogue: StandInCatalogue) {
  const services = await testServices([catalogue.asService(), recommendation]);
  const db = services.services.find(({ name }) => name === "recommendation")?.db;
  if (!db) throw new Error("The recommendation service did not open.");
  const ctx: RecommendationContext = {
    db,
    catalog: services.as(CatalogService, "catalog", "recommendation"),
    flags: fixedFlags(() => true),
    log: silentLog,
    productsMax: 1_000,
    waiting: [],
    shelf: new Shelf([]),
    affinity: new Affinity([], new Map()),
  };
  return { services, ctx };
}
