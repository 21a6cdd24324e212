import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/db.ts";
import type { Logger } from "#platform/log.ts";
import type { Kit } from "#platform/service.ts";
import type { PaymentConfig } from "./config.ts";
import type { PaymentProvider } from "./provider.ts";
import { ProviderSimulator } from "./simulator.ts";

export interface PaymentContext {
  readonly db: Database;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openPaymentContext({
  db,
  clock,
  log,
  config,
}: Kit<typeof PaymentConfig, {}>): PaymentContext {
  const provider = new ProviderSimulator({ db, clock, delayMs: config.PAYMENT_SIMULATOR_DELAY_MS });
  return { db, provider, clock, log };
}
