// What a merchant reads in the log of an order that did not come about; the order service says the rest.
import { AppError } from "#platform/kit/errors.ts";
import { formatDecimal, type Money } from "#platform/kit/money.ts";
import { noteEvent, type EventCause } from "#platform/telemetry/business-event.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { countRefused } from "./metrics.ts";

/** Says and counts it, without anything about a person. */
export function noteRefused(
  log: Logger,
  cause: EventCause,
  { reason, orderId, orderNumber, total }: RefusedOrder,
): void {
  countRefused(reason);
  noteEvent(log, cause, "order.refused", {
    orderId,
    orderNumber: orderNumber || undefined,
    amount: total && `${formatDecimal(total)} ${total.currencyCode}`,
    reason,
  });
}

interface RefusedOrder {
  /** As the catalogue of errors has it. */
  readonly reason: string;
  /** Undefined when it was refused before anything was begun. */
  readonly orderId?: string;
  readonly orderNumber?: string | undefined;
  readonly total?: Money;
}

/** Whether it is a no to an order: not to a form that was filled in wrongly, a stranger, or a moment when the shop is not itself. */
export function isOrderRefused(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.reason === "VALIDATION_FAILED") return false;
  return ["conflict", "precondition", "payment_required", "not_found", "invalid"].includes(error.kind);
}
