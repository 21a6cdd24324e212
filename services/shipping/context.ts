import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Kit, Needs } from "#platform/kit/service.ts";
import type { ShippingConfig } from "./config.ts";

export interface ShippingContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly originCountry: string;
}

export function openShippingContext({
  db,
  clock,
  config,
}: Kit<typeof ShippingConfig, Needs>): ShippingContext {
  return { db, clock, originCountry: config.SHIPPING_ORIGIN_COUNTRY };
}
