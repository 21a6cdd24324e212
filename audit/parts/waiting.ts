// What waits for too long. The only place that knows the queues.
import type { WaitingRule } from "../invariant.ts";

/** More lines than this help nobody; the queues' own metrics tell how long they are. */
const linesMax = 1_000;

export const waitingRules: readonly WaitingRule[] = [
  {
    id: "order-cancels",
    service: "order",
    sentence: "What a cancelled order owes is given back within a minute.",
    text: `select format('order %s was cancelled at %s and is not settled', order_id, created_at) as broken
      from cancel_tasks where done_at is null and created_at < now() - interval '60 seconds' limit ${linesMax}`,
  },
  {
    id: "checkouts-stuck",
    service: "checkout",
    sentence: "Every checkout comes to its end within a minute, not counting the time its buyer has to pay.",
    text: `select format('checkout %s is %s for over a minute', id, status) as broken from checkouts
      where (status in ('running', 'undoing') and coalesce(woken_at, created_at) < now() - interval '60 seconds')
        or (status = 'waiting' and wait_until < now() - interval '1 hour') limit ${linesMax}`,
  },
  {
    id: "events-dead",
    service: "order",
    sentence: "No event was set aside.",
    text: `select format('%s: event %s (%s) was given up: %s', name, key, payload ->> 'topic', last_error) as broken
      from tasks where lane is not null and dead_at is not null limit ${linesMax}`,
  },
  {
    id: "events-late",
    service: "order",
    // A broker that is away is no fault of the shop's; stoa_tasks_oldest_seconds tells of it.
    sentence: "Every event arrives at whoever hears it within a minute.",
    text: `select format('%s: event %s (%s) waits since %s', name, key, payload ->> 'topic', created_at) as broken
      from tasks where lane is not null and dead_at is null and created_at < now() - interval '60 seconds'
        and name <> 'deliver-to-broker' limit ${linesMax}`,
  },
  // A mail that a server refuses for good is no fault of the shop's.
  ...["checkout", "payment", "order"].map((service) => ({
    id: `tasks-dead-${service}`,
    service,
    sentence: `No waiting work of ${service} was given up.`,
    text: `select format('%s %s was given up after %s tries: %s', name, key, attempts, last_error) as broken
      from tasks where lane is null and dead_at is not null limit ${linesMax}`,
  })),
];
