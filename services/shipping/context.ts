import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Kit, Needs } from "#platform/kit/service.ts";
import type { ShippingConfig } from "./config.ts";
import { ratesIn, type RateTable } from "./shipping-method.ts";

export interface ShippingContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly originCountry: string;
  /** In the shop's currency. */
  readonly rates: RateTable;
}

export function openShippingContext({
  db,
  clock,
  config,
  shop,
}: Kit<typeof ShippingConfig, Needs>): ShippingContext {
  return {
    db,
    clock,
    originCountry: config.SHIPPING_ORIGIN_COUNTRY ?? shop.country,
    rates: ratesIn(shop.currency),
  };
}
