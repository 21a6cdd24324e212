// Where carts are kept, whichever store it is. One suite of tests holds them all to this: store.contract.ts.
import type { Transactor } from "#platform/database/kept-answers.ts";
import type { CartItem, StoredCart } from "./cart.ts";

export interface CartTimes {
  readonly now: Date;
  readonly expiresAt: Date;
}

/** An addition that happens once, however often it is tried. */
export interface OnceOnly {
  /** Whose key it is, and the key. */
  readonly name: string;
  /** What is asked under it. */
  readonly meaning: string;
  /** Where the key commits. */
  readonly within: Transactor;
}

export type MergeOutcome = StoredCart & {
  /** What did not fit and is still in the cart it came from. */
  readonly left: readonly CartItem[];
};

export interface BoughtItems {
  readonly userId: string;
  readonly orderId: string;
  readonly items: readonly { readonly variantId: string; readonly quantity: number }[];
}

/** A cart on its way to another store. */
export interface CartParcel extends StoredCart {
  /** Orders whose items were taken out already. */
  readonly consumed: readonly string[];
}

/**
 * Carts of actors. Each change is whole or not there at all, whoever else changes the same cart, and gives the cart a version that no
 * other content of it ever had. All of them throw CART_STORE_UNAVAILABLE and its like when the store cannot do it now.
 */
export interface CartStore {
  find(userId: string, times: CartTimes): Promise<StoredCart | undefined>;
  /** The cart; its expiry moves when the last touch is some time ago. */
  touch(userId: string, times: CartTimes): Promise<StoredCart | undefined>;
  /** Throws CART_QUANTITY_LIMIT and CART_LINE_LIMIT. */
  add(userId: string, item: CartItem, times: CartTimes): Promise<StoredCart>;
  /** The same, once for each name. */
  addOnce(userId: string, item: CartItem, times: CartTimes, once: OnceOnly): Promise<void>;
  /** Undefined when the cart holds no such item. Without a variant: the only line of the product, or that of its first variant. */
  set(
    userId: string,
    item: { readonly productId: string; readonly variantId: string | undefined; readonly quantity: number },
    times: CartTimes,
  ): Promise<StoredCart | undefined>;
  clear(userId: string, times: CartTimes): Promise<void>;
  merge(fromUserId: string, toUserId: string, times: CartTimes): Promise<MergeOutcome | undefined>;
  consume(order: BoughtItems, times: CartTimes): Promise<void>;
  /** Nothing of the actor is left. */
  forget(userId: string, now: Date): Promise<void>;
  /** Empties up to `max` carts that have expired. Tells how many were looked at, and how many had something in them. */
  sweep(now: Date, max: number): Promise<{ readonly swept: number; readonly abandoned: number }>;
}

/** A store that carts can be moved from and to, one after the other, while they are in use. */
export interface MovableStore extends CartStore {
  /** Nobody changes the cart here from now on: all but `takeIn` throw CART_MOVED. May be repeated. */
  seal(userId: string, times: CartTimes): Promise<CartParcel>;
  /** Takes the cart in, unless there is one. */
  takeIn(userId: string, parcel: CartParcel, times: CartTimes): Promise<void>;
  /** What was sealed has arrived elsewhere and is forgotten here. */
  release(userId: string, times: CartTimes): Promise<void>;
  /** Actors whose carts are still here, or on their way, in parts. */
  remaining(times: CartTimes): AsyncIterable<readonly string[]>;
}
