// What a merchant reads in the log: one line for each thing that became of an order, without anything about a person.
import { formatDecimal } from "#platform/kit/money.ts";
import { noteEvent, type EventCause } from "#platform/telemetry/business-event.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Order } from "./order.ts";

/** To be said once the change is committed. */
export function noteDone(
  log: Logger,
  cause: EventCause,
  what: "placed" | "paid" | "shipped" | "delivered" | "cancelled" | "refunded",
  { order, amountMinor = order.totalMinor }: { readonly order: Order; readonly amountMinor?: bigint },
): void {
  const { id: orderId, orderNumber, currency: currencyCode } = order;
  const amount = `${formatDecimal({ currencyCode, minor: amountMinor })} ${currencyCode}`;
  noteEvent(log, cause, `order.${what}`, { orderId, orderNumber, amount });
}
