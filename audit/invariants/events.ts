import type { Books, Invariant } from "../invariant.ts";

async function acrossServices(books: Books, emitters: readonly string[], text: string): Promise<string[]> {
  const found = await Promise.all(
    emitters.map(async (service) => {
      const rows = await books.rows<{ broken: string }>(service, text);
      return rows.map(({ broken }) => `${service}: ${broken}`);
    }),
  );
  return found.flat();
}

/** Ids that this shop made (UUID version 7); the foreign contract may ask for mails about orders of its own. */
const ownIds = "^[0-9a-f]{8}-[0-9a-f]{4}-7";

/** Services that tell others of their changes. */
const emitters = ["order"];

export const eventInvariants: readonly Invariant[] = [
  {
    id: "events-dead",
    sentence: "No event was set aside.",
    find: async (books) =>
      await acrossServices(
        books,
        emitters,
        `select format('event %s (%s) for %s was set aside: %s', event_id, topic, subscriber, last_error) as broken
         from outbox where dead_at is not null`,
      ),
  },
  {
    id: "events-late",
    sentence: "Every event arrives within a minute.",
    find: async (books) =>
      await acrossServices(
        books,
        emitters,
        `select format('event %s (%s) for %s waits since %s', event_id, topic, subscriber, occurred_at) as broken
         from outbox where dead_at is null and occurred_at < now() - interval '60 seconds'`,
      ),
  },
  {
    id: "mail-once",
    sentence: "An order gets one confirmation mail, and only orders do.",
    find: async (books) => {
      const mails = await books.rows<{ orderId: string; count: number }>(
        "email",
        `select order_id as "orderId", count(*)::int as count from mails
         where template = 'order-confirmation' and order_id ~ '${ownIds}' group by 1`,
      );
      const ids = mails.map(({ orderId }) => orderId);
      const orders = await books.rows<{ id: string }>(
        "order",
        "select id from orders where id::text = any($1) and confirmed_at is not null",
        [ids],
      );
      const known = new Set(orders.map(({ id }) => id));
      return mails
        .filter(({ orderId, count }) => count > 1 || !known.has(orderId))
        .map(({ orderId, count }) => `order ${orderId} has ${count} confirmation mails`);
    },
  },
];
