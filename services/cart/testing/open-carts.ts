// What this service's tests share: the service beside a catalogue that answers its contract.
import { after } from "node:test";
import { CartService, type Cart } from "#gen/stoa/cart/v1/cart_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { Tasks } from "#platform/database/tasks.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testServices } from "#platform/testing/services.ts";
import { CartConfig } from "../config.ts";
import type { CartContext } from "../context.ts";
import { Variants } from "../variants.ts";
import { StandInCatalogue } from "./stand-in-catalogue.ts";
import { cart } from "../service.ts";
import { openStores } from "../stores.ts";

/** Codes of what is on sale. */
export const sunglasses = "OLJCESPC7Z";
export const mug = "6E92ZMYYFZ";
export const watch = "1YMWWN1N4O";

export async function openCarts(clock: Clock = systemClock, environment: Environment = {}) {
  const catalogue = new StandInCatalogue();
  catalogue.add(sunglasses, "Sunglasses", 1999n);
  catalogue.add(mug, "Mug", 899n);
  catalogue.add(watch, "Watch", 10_999n);
  const shop = await testServices([catalogue.asService(), cart as unknown as AnyService], {
    clock,
    environment,
  });
  const db = shop.services.find(({ name }) => name === "cart")?.db;
  if (!db) throw new Error("The cart service did not open.");
  const catalog = shop.as(CatalogService, "catalog", "cart");
  const config = readConfig(CartConfig, environment);
  const stores = await openStores({ db, config, clock, log: silentLog });
  after(async () => await stores.close());
  const ctx: CartContext = {
    db,
    carts: stores.carts,
    stores,
    tasks: new Tasks("cart"),
    clients: { catalog },
    variants: new Variants(catalog, clock),
    clock,
    config,
    baseCurrency: "USD",
  };
  return { shop, ctx, db, catalogue, carts: shop.as(CartService, "cart", "checkout") };
}

/** What is in a cart, as code and quantity. */
export function contentOf(shown: Pick<Cart, "items"> | undefined): string[] {
  return (shown?.items ?? []).map(({ productCode, quantity }) => `${productCode} x${quantity}`);
}
