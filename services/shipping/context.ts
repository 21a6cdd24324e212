import type { Clock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { Database } from "#platform/database/db.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { ShippingConfig } from "./config.ts";
import { shippingPort, type Parcel, type ShippingMethod, type ShippingProvider } from "./provider.ts";
import { requireSoundMethods } from "./shipping-method.ts";

export interface ShippingContext {
  readonly db: Database;
  readonly tasks: Tasks;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ConfigOf<typeof ShippingConfig>;
  readonly provider: ShippingProvider;
  /** What the provider answers, cheapest first. */
  readonly quoteMethods: (parcel: Parcel, call: CallOptions) => Promise<readonly ShippingMethod[]>;
}

export async function openShippingContext(kit: Kit<typeof ShippingConfig>): Promise<ShippingContext> {
  const { db, tasks, clock, log, config, shop } = kit;
  const originCountry = config.SHIPPING_ORIGIN_COUNTRY ?? shop.country;
  const provider = await kit.provider(shippingPort, { originCountry });
  return {
    db,
    tasks,
    clock,
    log,
    config,
    provider,
    quoteMethods: async (parcel, call) =>
      requireSoundMethods(await provider.quoteMethods(parcel, call), shop.currency),
  };
}
