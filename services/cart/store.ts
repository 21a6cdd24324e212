import type { Queryable } from "#platform/database/db.ts";
import { itemsMax, quantityMax, type CartItem, type StoredCart } from "./cart.ts";

export interface CartTimes {
  readonly now: Date;
  readonly expiresAt: Date;
}

/** The functions are in the migrations: each change is one statement and one commit, under a lock on the actor's row. */
export async function findCart(db: Queryable, userId: string): Promise<StoredCart | undefined> {
  return await db.row(`select version, expires_at as "expiresAt", lines as items from read_cart($1)`, [
    userId,
  ]);
}

export type AddOutcome = StoredCart & { readonly outcome: "done" | "quantity-limit" | "line-limit" };

export async function addCartItem(
  db: Queryable,
  userId: string,
  item: CartItem & { readonly id: string },
  { now, expiresAt }: CartTimes,
): Promise<AddOutcome> {
  return await changed(
    db.row(
      `select outcome, version, expires_at as "expiresAt", lines as items from add_cart_item($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [userId, item.id, item.productId, item.variantId, item.quantity, itemsMax, quantityMax, now, expiresAt],
    ),
  );
}

export type SetOutcome = (StoredCart & { readonly outcome: "done" }) | { readonly outcome: "not-found" };

export async function setCartItem(
  db: Queryable,
  userId: string,
  item: { productId: string; variantId: string | undefined; quantity: number },
  { now, expiresAt }: CartTimes,
): Promise<SetOutcome> {
  return await changed(
    db.row(
      `select outcome, version, expires_at as "expiresAt", lines as items from set_cart_item($1, $2, $3, $4, $5, $6)`,
      [userId, item.productId, item.variantId ?? null, item.quantity, now, expiresAt],
    ),
  );
}

export async function clearCart(db: Queryable, userId: string, now: Date): Promise<void> {
  await db.run("select clear_cart($1, $2)", [userId, now]);
}

export type MergeOutcome = StoredCart & {
  /** What did not fit and is still in the cart it came from. */
  readonly left: readonly CartItem[];
};

export async function mergeCarts(
  db: Queryable,
  fromUserId: string,
  toUserId: string,
  { now, expiresAt }: CartTimes,
): Promise<MergeOutcome | undefined> {
  return await db.row(
    `select version, expires_at as "expiresAt", lines as items, left_lines as left
     from merge_fitting_carts($1, $2, $3, $4, $5, $6)`,
    [fromUserId, toUserId, itemsMax, quantityMax, now, expiresAt],
  );
}

export async function consumeCart(
  db: Queryable,
  order: { userId: string; orderId: string; items: readonly { variantId: string; quantity: number }[] },
  { now, expiresAt }: CartTimes,
): Promise<void> {
  await db.run("select consume_cart($1, $2, $3, $4, $5, $6)", [
    order.userId,
    order.orderId,
    order.items.map(({ variantId }) => variantId),
    order.items.map(({ quantity }) => quantity),
    now,
    expiresAt,
  ]);
}

/** Moves the expiry of a cart that has not expired. Its content, and so its version, stays. */
export async function extendCart(
  db: Queryable,
  userId: string,
  { now, expiresAt }: CartTimes,
): Promise<void> {
  await db.run(
    "update carts set expires_at = $3 where user_id = $1 and expires_at > $2 and expires_at < $3",
    [userId, now, expiresAt],
  );
}

/** Empties up to `max` carts that have expired. Tells how many were looked at, and how many had something in them. */
export async function sweepExpiredCarts(
  db: Queryable,
  now: Date,
  max: number,
): Promise<{ swept: number; abandoned: number }> {
  const row = await db.row<{ swept: number; abandoned: number }>(
    `with expired as (
       select user_id from carts where expires_at <= $1 order by expires_at limit $2 for update skip locked
     ), removed as (
       delete from cart where user_id in (select user_id from expired) returning user_id
     ), emptied as (
       update carts set expires_at = null, updated_at = $1,
         version = version + (case when user_id in (select user_id from removed) then 1 else 0 end)
       where user_id in (select user_id from expired) returning user_id
     )
     select (select count(*)::int from emptied) as swept, (select count(distinct user_id)::int from removed) as abandoned`,
    [now, max],
  );
  return row ?? { swept: 0, abandoned: 0 };
}

/** Deletes up to `max` rows of each kind that nobody has needed since `before`. */
export async function forgetOldRows(db: Queryable, before: Date, max: number): Promise<number> {
  const carts = await db.run(
    `delete from carts where user_id in (
       select user_id from carts where expires_at is null and updated_at < $1
       order by updated_at limit $2 for update skip locked)
     and not exists (select 1 from cart where cart.user_id = carts.user_id)`,
    [before, max],
  );
  const consumptions = await db.run(
    `delete from cart_consumptions where order_id in
     (select order_id from cart_consumptions where consumed_at < $1 order by consumed_at limit $2)`,
    [before, max],
  );
  return carts + consumptions;
}

/** The functions that change a cart always answer with one row. */
async function changed<Outcome>(row: Promise<Outcome | undefined>): Promise<Outcome> {
  const outcome = await row;
  if (!outcome) throw new Error("A change of a cart did not tell its outcome.");
  return outcome;
}
