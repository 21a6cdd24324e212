// What a merchant reads in the log: one line for each thing that became of an order, without anything about a person.
import type { Cause } from "#platform/database/tasks.ts";
import { formatDecimal } from "#platform/kit/money.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Order } from "./order.ts";

const sentences = {
  placed: "An order was placed.",
  cancelled: "An order was cancelled.",
  refunded: "Money of an order was given back.",
} as const;

/** To be said once the change is committed. */
export function noteDone(
  log: Logger,
  { trace }: Cause,
  what: keyof typeof sentences,
  { order, amountMinor }: { readonly order: Order; readonly amountMinor: bigint },
): void {
  const { id: orderId, orderNumber, currency: currencyCode } = order;
  const amount = `${formatDecimal({ currencyCode, minor: amountMinor })} ${currencyCode}`;
  log.info({ orderId, orderNumber, amount, ...(trace ? { traceId: trace.traceId } : {}) }, sentences[what]);
}
