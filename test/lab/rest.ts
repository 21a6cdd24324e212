import { systemClock } from "#platform/kit/clock.ts";
import type { Lab } from "./lab.ts";

const restTimeoutMs = 60_000;

/** Waits until nothing is under way: no open checkout, no cancel or refund half-done, no event undelivered. */
export async function untilAtRest(lab: Pick<Lab, "databases">): Promise<void> {
  const untilMs = systemClock.monotonicMs() + restTimeoutMs;
  for (;;) {
    const open = await openWork(lab);
    if (open.length === 0) return;
    if (systemClock.monotonicMs() > untilMs)
      throw new Error(`The shop did not come to rest: ${open.join(", ")}.`);
    await systemClock.sleep(50);
  }
}

const questions: readonly (readonly [string, string, string])[] = [
  [
    "checkout",
    "checkouts",
    "select count(*)::int as open from checkouts where status in ('running', 'waiting', 'undoing')",
  ],
  ["order", "cancels", "select count(*)::int as open from cancel_tasks where done_at is null"],
  ["order", "refunds", "select count(*)::int as open from order_refunds where status = 'pending'"],
  ...["order", "payment", "checkout", "email"].map(
    (service) =>
      [
        service,
        "tasks",
        "select count(*)::int as open from tasks where done_at is null and dead_at is null",
      ] as const,
  ),
  ["payment", "refunds", "select count(*)::int as open from payment_refunds where status = 'pending'"],
  [
    "payment",
    "cancels",
    "select count(*)::int as open from payments where cancel_requested_at is not null and cancelled_at is null",
  ],
];

async function openWork(lab: Pick<Lab, "databases">): Promise<string[]> {
  const found: string[] = [];
  for (const [service, what, text] of questions) {
    const row = await lab.databases.get(service)?.row<{ open: number }>(text);
    if (row && row.open > 0) found.push(`${row.open} ${what} of ${service}`);
  }
  return found;
}
