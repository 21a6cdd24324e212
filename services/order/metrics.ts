// What became of orders, as figures: each counted once, when it is committed.
import type { Caller } from "#platform/auth/actor.ts";
import { decimalsOf, isCurrency } from "#platform/kit/money.ts";
import { counter } from "#platform/telemetry/metrics.ts";
import type { Order } from "./order.ts";

const placed = counter("stoa_orders_total", "Orders that were placed and paid, by currency.", ["currency"]);
const revenue = counter(
  "stoa_revenue_total",
  "Money that placed orders were paid with, by currency, in whole units such as euros. For charts: reckoned in floating point, so cents may be off after billions; the books are exact.",
  ["currency"],
);
const refunds = counter("stoa_refunds_total", "Refunds that were paid out, by currency.", ["currency"]);
const refunded = counter(
  "stoa_refunded_total",
  "Money that refunds gave back, by currency, in whole units such as euros. What a cancelled order gives back is not part of it.",
  ["currency"],
);
const cancelled = counter(
  "stoa_orders_cancelled_total",
  "Orders that were cancelled after they had been placed, by who did it: customer, staff or service.",
  ["reason"],
);
const shipped = counter("stoa_orders_shipped_total", "Orders that were handed to the carrier.");

for (const reason of ["customer", "staff", "service"]) cancelled.inc({ reason }, 0);

export function countPlaced({ currency, totalMinor }: Order): void {
  placed.inc({ currency: currencyLabel(currency) });
  revenue.inc({ currency: currencyLabel(currency) }, inWholeUnits(currency, totalMinor));
}

export function countRefunded({ currency }: Order, amountMinor: bigint): void {
  refunds.inc({ currency: currencyLabel(currency) });
  refunded.inc({ currency: currencyLabel(currency) }, inWholeUnits(currency, amountMinor));
}

export function countShipped(): void {
  shipped.inc();
}

export function countCancelled({ actor }: Pick<Caller, "actor">): void {
  if (actor.kind !== "user") cancelled.inc({ reason: "service" });
  else cancelled.inc({ reason: actor.role === "admin" ? "staff" : "customer" });
}

function currencyLabel(code: string): string {
  return isCurrency(code) ? code : "other";
}

function inWholeUnits(currency: string, minor: bigint): number {
  return Number(minor) / 10 ** decimalsOf(currency);
}
