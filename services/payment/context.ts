import type { Clock } from "#platform/kit/clock.ts";
import type { Database } from "#platform/database/db.ts";
import type { Outbox } from "#platform/database/outbox.ts";
import type { Tasks } from "#platform/database/tasks.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Kit } from "#platform/kit/service.ts";
import { paymentPort, type PaymentGiven, type PaymentProvider } from "./provider.ts";

export interface PaymentContext {
  readonly db: Database;
  readonly tasks: Tasks;
  readonly outbox: Outbox;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly log: Logger;
}

export async function openPaymentContext(kit: Kit, given: PaymentGiven): Promise<PaymentContext> {
  const { db, tasks, outbox, clock, log } = kit;
  return { db, tasks, outbox, provider: await kit.provider(paymentPort, given), clock, log };
}
