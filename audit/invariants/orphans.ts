import type { Books, Invariant } from "../invariant.ts";
import { settledCheckouts } from "./settled.ts";

/** Ids that are orders, live or not, among what the order service knows. */
async function orderStates(books: Books): Promise<{ live: Set<string>; dead: Set<string> }> {
  const rows = await books.rows<{ id: string; isLive: boolean }>(
    "order",
    `select id, abandoned_at is null and status <> 'cancelled' as "isLive" from orders`,
  );
  return {
    live: new Set(rows.filter(({ isLive }) => isLive).map(({ id }) => id)),
    dead: new Set(rows.filter(({ isLive }) => !isLive).map(({ id }) => id)),
  };
}

/** Things of another service that belong to an order must belong to one that lives. Only settled checkouts are looked at. */
async function findWithoutOrder(
  books: Books,
  restSeconds: number,
  thing: { service: string; text: string; what: string },
): Promise<string[]> {
  const settled = new Set((await settledCheckouts(books, restSeconds)).map(({ id }) => id));
  const rows = await books.rows<{ id: string }>(thing.service, thing.text);
  const { live } = await orderStates(books);
  return rows
    .filter(({ id }) => settled.has(id) && !live.has(id))
    .map(({ id }) => `${thing.what} ${id} has no live order`);
}

async function findLost(books: Books, restSeconds: number): Promise<string[]> {
  const settled = await settledCheckouts(books, restSeconds);
  const { live, dead } = await orderStates(books);
  const cancelled = new Set(
    (
      await books.rows<{ id: string }>(
        "order",
        `select id from orders where status = 'cancelled' and abandoned_at is null`,
      )
    ).map(({ id }) => id),
  );
  return settled
    .filter(({ id, isCompleted }) => isCompleted && !live.has(id) && !cancelled.has(id))
    .map(({ id }) => `order ${id} was acknowledged and is ${dead.has(id) ? "abandoned" : "gone"}`);
}

export const orphanInvariants: readonly Invariant[] = [
  {
    id: "orders-lost",
    sentence: "Every acknowledged order exists.",
    find: async (books, { restSeconds }) => await findLost(books, restSeconds),
  },
  {
    id: "orphan-reservations",
    sentence: "Every hold and every sale of stock belongs to an order or to a checkout under way.",
    find: async (books, { restSeconds }) =>
      await findWithoutOrder(books, restSeconds, {
        service: "catalog",
        text: "select id from stock_reservations where status in ('held', 'committed')",
        what: "reservation",
      }),
  },
  {
    id: "orphan-shipments",
    sentence: "No parcel is on its way for an order that does not live.",
    find: async (books, { restSeconds }) =>
      await findWithoutOrder(books, restSeconds, {
        service: "shipping",
        text: "select order_id::text as id from shipments where status <> 'cancelled'",
        what: "shipment",
      }),
  },
  {
    id: "checkouts-stuck",
    sentence: "Every checkout comes to its end within a minute.",
    find: async (books) => {
      const rows = await books.rows<{ id: string; status: string }>(
        "checkout",
        `select id, status from checkouts
         where status in ('running', 'undoing') and created_at < now() - interval '60 seconds'`,
      );
      return rows.map(({ id, status }) => `checkout ${id} is ${status} for over a minute`);
    },
  },
  {
    id: "cart-bought-once",
    sentence: "A cart version becomes at most one order.",
    find: async (books) => {
      const rows = await books.rows<{ broken: string }>(
        "checkout",
        `select format('version %s of the cart of %s was bought %s times', cart_version, user_id, count(*)) as broken
         from checkouts where cart_version is not null and status = 'completed'
         group by user_id, cart_version having count(*) > 1`,
      );
      return rows.map(({ broken }) => broken);
    },
  },
];
