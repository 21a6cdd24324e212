import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { PaymentService } from "#gen/stoa/payment/v1/payment_pb.js";
import { ShippingService } from "#gen/stoa/shipping/v1/shipping_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { Client } from "#platform/rpc/contract.ts";
import { RequestLimit } from "#platform/kit/rate-limit.ts";
import type { Kit } from "#platform/kit/service.ts";
import type { OrderConfig } from "./config.ts";

export const orderNeeds = { catalog: CatalogService, payment: PaymentService, shipping: ShippingService };

export interface OrderContext {
  readonly db: Database;
  readonly outbox: Outbox;
  readonly tasks: Tasks;
  readonly clients: {
    readonly catalog: Client<typeof CatalogService>;
    readonly payment: Client<typeof PaymentService>;
    readonly shipping: Client<typeof ShippingService>;
  };
  readonly clock: Clock;
  readonly log: Logger;
  /** How many mails an address may have sent to people; undefined when rate limits are off. */
  readonly lookups: RequestLimit | undefined;
}

export function openOrderContext({
  db,
  outbox,
  tasks,
  clients,
  clock,
  log,
  config,
  shop,
  shared: store,
}: Kit<typeof OrderConfig, typeof orderNeeds>): OrderContext {
  const lookups = shop.rateLimits
    ? new RequestLimit(clock, config.ORDER_LOOKUPS_PER_MINUTE, { store, name: "order.look-ups" })
    : undefined;
  return { db, outbox, tasks, clients, clock, log, lookups };
}
