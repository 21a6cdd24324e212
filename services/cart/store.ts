import { sqlState, type Database, type Queryable } from "#platform/database/db.ts";
import { newId } from "#platform/kit/ids.ts";
import { itemsMax, quantityMax, touchIsDue, type CartItem, type StoredCart } from "./cart.ts";
import type { BoughtItems, CartParcel, CartTimes, MergeOutcome, MovableStore, OnceOnly } from "./carts.ts";
import { limitRefusal, refusal } from "./errors.ts";

const movedState = "57P90";
const partSize = 500;

/** The functions are in the migrations: each change is one statement and one commit, under a lock on the actor's row. */
export class PostgresCarts implements MovableStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async find(userId: string, _times?: CartTimes): Promise<StoredCart | undefined> {
    return await here(
      this.#db.row<StoredCart>(
        `select version, expires_at as "expiresAt", lines as items from read_cart($1)`,
        [userId],
      ),
    );
  }

  async touch(userId: string, times: CartTimes): Promise<StoredCart | undefined> {
    const cart = await this.find(userId, times);
    if (!cart || !touchIsDue(cart, times)) return cart;
    const { now, expiresAt } = times;
    // Its content, and so its version, stays.
    await this.#db.run(
      "update carts set expires_at = $3 where user_id = $1 and expires_at > $2 and expires_at < $3 and moved_at is null",
      [userId, now, expiresAt],
    );
    return { ...cart, expiresAt };
  }

  async add(userId: string, item: CartItem, times: CartTimes): Promise<StoredCart> {
    return await addCartItem(this.#db, userId, item, times);
  }

  /** The addition commits with its key. */
  async addOnce(userId: string, item: CartItem, times: CartTimes, { within }: OnceOnly): Promise<void> {
    await within.inTransaction(async (tx) => {
      await addCartItem(tx, userId, item, times);
      return null;
    });
  }

  async set(
    userId: string,
    item: { readonly productId: string; readonly variantId: string | undefined; readonly quantity: number },
    { now, expiresAt }: CartTimes,
  ): Promise<StoredCart | undefined> {
    const { outcome, ...cart } = await changed<StoredCart & { outcome: "done" | "not-found" }>(
      this.#db.row(
        `select outcome, version, expires_at as "expiresAt", lines as items from set_cart_item($1, $2, $3, $4, $5, $6)`,
        [userId, item.productId, item.variantId ?? null, item.quantity, now, expiresAt],
      ),
    );
    return outcome === "done" ? cart : undefined;
  }

  async clear(userId: string, { now }: CartTimes): Promise<void> {
    await here(this.#db.run("select clear_cart($1, $2)", [userId, now]));
  }

  async merge(
    fromUserId: string,
    toUserId: string,
    { now, expiresAt }: CartTimes,
  ): Promise<MergeOutcome | undefined> {
    return await here(
      this.#db.row<MergeOutcome>(
        `select version, expires_at as "expiresAt", lines as items, left_lines as left
         from merge_fitting_carts($1, $2, $3, $4, $5, $6)`,
        [fromUserId, toUserId, itemsMax, quantityMax, now, expiresAt],
      ),
    );
  }

  async consume(order: BoughtItems, { now, expiresAt }: CartTimes): Promise<void> {
    await here(
      this.#db.run("select consume_cart($1, $2, $3, $4, $5, $6)", [
        order.userId,
        order.orderId,
        order.items.map(({ variantId }) => variantId),
        order.items.map(({ quantity }) => quantity),
        now,
        expiresAt,
      ]),
    );
  }

  async forget(userId: string, now: Date): Promise<void> {
    await forgetCart(this.#db, userId, now);
  }

  async sweep(now: Date, max: number): Promise<{ swept: number; abandoned: number }> {
    const row = await this.#db.row<{ swept: number; abandoned: number }>(
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

  async seal(userId: string, { now }: CartTimes): Promise<CartParcel> {
    return await changed(
      this.#db.row<CartParcel>(
        `select version, expires_at as "expiresAt", lines as items, consumed from seal_cart($1, $2)`,
        [userId, now],
      ),
    );
  }

  async takeIn(userId: string, parcel: CartParcel, { now }: CartTimes): Promise<void> {
    await this.#db.run("select take_in_cart($1, $2, $3, $4, $5, $6)", [
      userId,
      parcel.version,
      parcel.expiresAt,
      JSON.stringify(parcel.items),
      parcel.consumed,
      now,
    ]);
  }

  async release(userId: string, { now }: CartTimes): Promise<void> {
    await this.#db.run("select release_cart($1, $2)", [userId, now]);
  }

  async *remaining({ now, expiresAt }: CartTimes): AsyncIterable<readonly string[]> {
    // Of emptied carts, those whose orders may still ask to take out what was bought.
    const since = new Date(2 * now.getTime() - expiresAt.getTime());
    let after = "00000000-0000-0000-0000-000000000000";
    for (;;) {
      const rows = await this.#db.rows<{ userId: string }>(
        `select user_id as "userId" from carts
         where user_id > $1 and (moved_at is null and (expires_at is not null or updated_at > $2)
           or moved_at is not null and exists (select 1 from cart where cart.user_id = carts.user_id))
         order by user_id limit $3`,
        [after, since, partSize],
      );
      const last = rows.at(-1);
      if (!last) return;
      yield rows.map(({ userId }) => userId);
      after = last.userId;
    }
  }

  /** Deletes up to `max` rows of each kind that nobody has needed since `before`. */
  async forgetOldRows(before: Date, max: number): Promise<number> {
    const carts = await this.#db.run(
      `delete from carts where user_id in (
         select user_id from carts where expires_at is null and updated_at < $1
         order by updated_at limit $2 for update skip locked)
       and not exists (select 1 from cart where cart.user_id = carts.user_id)`,
      [before, max],
    );
    const consumptions = await this.#db.run(
      `delete from cart_consumptions where order_id in
       (select order_id from cart_consumptions where consumed_at < $1 order by consumed_at limit $2)`,
      [before, max],
    );
    return carts + consumptions;
  }
}

/** Whatever store the cart is in by now, nothing of it stays in this one. */
export async function forgetCart(db: Queryable, userId: string, now: Date): Promise<void> {
  await db.run("delete from cart where user_id = $1", [userId]);
  await db.run(
    "update carts set version = version + 1, expires_at = null, updated_at = $2 where user_id = $1",
    [userId, now],
  );
}

/** The mark of the store outside that was last seen; undefined when there never was one. */
export async function findStoreMark(db: Queryable, name: string): Promise<string | undefined> {
  const row = await db.row<{ mark: string }>("select mark from cart_stores where name = $1", [name]);
  return row?.mark;
}

export async function keepStoreMark(db: Queryable, name: string, mark: string, now: Date): Promise<void> {
  await db.run(
    `insert into cart_stores (name, mark, known_at) values ($1, $2, $3)
     on conflict (name) do update set mark = excluded.mark, known_at = excluded.known_at`,
    [name, mark, now],
  );
}

async function addCartItem(
  db: Queryable,
  userId: string,
  { productId, variantId, quantity }: CartItem,
  { now, expiresAt }: CartTimes,
): Promise<StoredCart> {
  const { outcome, ...cart } = await changed<StoredCart & { outcome: string }>(
    db.row(
      `select outcome, version, expires_at as "expiresAt", lines as items from add_cart_item($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [userId, newId(now.getTime()), productId, variantId, quantity, itemsMax, quantityMax, now, expiresAt],
    ),
  );
  if (outcome !== "done") throw limitRefusal(outcome);
  return cart;
}

/** The functions that change a cart always answer with one row. */
async function changed<Outcome>(row: Promise<Outcome | undefined>): Promise<Outcome> {
  const outcome = await here(row);
  if (!outcome) throw new Error("A change of a cart did not tell its outcome.");
  return outcome;
}

async function here<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (sqlState(error instanceof Error ? error.cause : undefined) === movedState)
      throw refusal("CART_MOVED", { cause: error });
    throw error;
  }
}
