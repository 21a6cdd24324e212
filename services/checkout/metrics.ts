import { boundedLabels, counter, gauge } from "#platform/telemetry/metrics.ts";

const started = counter(
  "stoa_checkouts_started_total",
  "Attempts to buy that began: all was checked, and the stock is about to be held. Beside stoa_orders_total it tells how many succeed.",
);
const refused = counter(
  "stoa_orders_refused_total",
  "Orders that did not come about, by the reason in docs/reference/errors.md: a declined card, goods that are gone, a price that changed.",
  ["reason"],
);

export const openCheckouts = gauge(
  "stoa_checkouts_open",
  "Attempts to buy that have no outcome yet, by status: running, waiting (for the buyer to pay) or undoing. Every replica tells the same: take the largest.",
  ["status"],
);

export const oldestCheckout = gauge(
  "stoa_checkout_oldest_seconds",
  "Age of the oldest attempt to buy that the shop itself has to bring to an end; waiting for the buyer is not counted. Above a few minutes, something that it needs is away. Every replica tells the same: take the largest.",
);

/** More reasons than there are; those of extensions count as well. */
const reasonLabel = boundedLabels(60);

export function countStarted(): void {
  started.inc();
}

export function countRefused(reason: string): void {
  refused.inc({ reason: reasonLabel(reason) });
}
