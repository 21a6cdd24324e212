// Carts on their way from one store to another, while the shop runs. docs/decisions/0044-carts-in-redis.md
import { isReason } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { cartAt, type CartItem, type StoredCart } from "./cart.ts";
import type { BoughtItems, CartStore, CartTimes, MergeOutcome, MovableStore, OnceOnly } from "./carts.ts";

/**
 * Each cart is in one of the two stores, and the old one knows when it has gone. A process that is prepared leaves carts where they are and
 * follows those that others have moved; one that moves takes a cart along at the first touch.
 */
export class MovingCarts implements Omit<CartStore, "sweep"> {
  readonly #from: MovableStore;
  readonly #to: MovableStore;
  readonly #isPrepared: boolean;

  constructor({ from, to, isPrepared }: { from: MovableStore; to: MovableStore; isPrepared: boolean }) {
    this.#from = from;
    this.#to = to;
    this.#isPrepared = isPrepared;
  }

  async find(userId: string, times: CartTimes): Promise<StoredCart | undefined> {
    return await this.#read(userId, times, async (store) => await store.find(userId, times));
  }

  async touch(userId: string, times: CartTimes): Promise<StoredCart | undefined> {
    return await this.#read(userId, times, async (store) => await store.touch(userId, times));
  }

  async add(userId: string, item: CartItem, times: CartTimes): Promise<StoredCart> {
    return await this.#change([userId], times, async (store) => await store.add(userId, item, times));
  }

  async addOnce(userId: string, item: CartItem, times: CartTimes, once: OnceOnly): Promise<void> {
    await this.#change([userId], times, async (store) => await store.addOnce(userId, item, times, once));
  }

  async set(
    userId: string,
    item: { readonly productId: string; readonly variantId: string | undefined; readonly quantity: number },
    times: CartTimes,
  ): Promise<StoredCart | undefined> {
    return await this.#change([userId], times, async (store) => await store.set(userId, item, times));
  }

  async clear(userId: string, times: CartTimes): Promise<void> {
    await this.#change([userId], times, async (store) => await store.clear(userId, times));
  }

  async merge(fromUserId: string, toUserId: string, times: CartTimes): Promise<MergeOutcome | undefined> {
    const both = [fromUserId, toUserId];
    return await this.#change(both, times, async (store) => await store.merge(fromUserId, toUserId, times));
  }

  async consume(order: BoughtItems, times: CartTimes): Promise<void> {
    await this.#change([order.userId], times, async (store) => await store.consume(order, times));
  }

  async forget(userId: string, now: Date): Promise<void> {
    await this.#from.forget(userId, now);
    await this.#to.forget(userId, now);
  }

  /** Takes a cart along. A crash between two steps leaves it sealed, with all that is in it, and whoever comes next goes on. */
  async bring(userId: string, times: CartTimes): Promise<void> {
    const parcel = await this.#from.seal(userId, times);
    await failpoint("cart.move.sealed");
    const { consumed } = parcel;
    await this.#to.takeIn(userId, { ...cartAt(parcel, times.now), consumed }, times);
    await failpoint("cart.move.taken");
    await this.#from.release(userId, times);
  }

  async #read(
    userId: string,
    times: CartTimes,
    look: (store: CartStore) => Promise<StoredCart | undefined>,
  ): Promise<StoredCart | undefined> {
    const first = await unlessMoved(async () => await look(this.#isPrepared ? this.#from : this.#to));
    if (first !== "moved" && (first || this.#isPrepared)) return first;
    // Where nothing ever was, nothing is moved.
    if (
      !this.#isPrepared &&
      (await unlessMoved(async () => await this.#from.find(userId, times))) === undefined
    )
      return undefined;
    await this.bring(userId, times);
    return await look(this.#to);
  }

  async #change<T>(
    userIds: readonly string[],
    times: CartTimes,
    work: (store: CartStore) => Promise<T>,
  ): Promise<T> {
    if (this.#isPrepared) {
      const done = await unlessMoved(async () => ({ value: await work(this.#from) }));
      if (done !== "moved") return done.value;
    }
    for (const userId of userIds) {
      const found = await unlessMoved(async () => await this.#to.find(userId, times));
      if (!found || found === "moved") await this.bring(userId, times);
    }
    return await work(this.#to);
  }
}

async function unlessMoved<T>(look: () => Promise<T>): Promise<T | "moved"> {
  try {
    return await look();
  } catch (error) {
    if (isReason(error, "CART_MOVED")) return "moved";
    throw error;
  }
}
