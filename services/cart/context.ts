import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { CartConfig } from "./config.ts";
import { openStores, type OpenStores } from "./stores.ts";
import { Variants } from "./variants.ts";

export const cartNeeds = { catalog: CatalogService };

export interface CartContext {
  readonly db: Database;
  readonly carts: OpenStores["carts"];
  readonly stores: OpenStores;
  readonly tasks: Tasks;
  readonly clients: { readonly catalog: Client<typeof CatalogService> };
  readonly clock: Clock;
  readonly variants: Variants;
  readonly config: ConfigOf<typeof CartConfig>;
  /** In which an empty cart costs nothing. */
  readonly baseCurrency: string;
}

export async function openCartContext(kit: Kit<typeof CartConfig, typeof cartNeeds>): Promise<CartContext> {
  const { db, clients, clock, config, tasks, shop } = kit;
  const stores = await openStores(kit);
  const variants = new Variants(clients.catalog, clock);
  return {
    db,
    carts: stores.carts,
    stores,
    tasks,
    variants,
    clients,
    clock,
    config,
    baseCurrency: shop.currency,
  };
}

/** Now, and when a cart that is touched now expires. */
export function cartTimes({ clock, config }: Pick<CartContext, "clock" | "config">) {
  const now = clock.now();
  return { now, expiresAt: new Date(now.getTime() + config.CART_EXPIRY_SECONDS * 1000) };
}
