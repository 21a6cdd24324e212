// Carts in Redis: one key for each, `cart:{userId}`, with JSON in it. docs/decisions/0044-carts-in-redis.md
import { createHash } from "node:crypto";
import { appError } from "#platform/kit/errors.ts";
import { failpoint } from "#platform/kit/failpoint.ts";
import { newId, randomFraction } from "#platform/kit/ids.ts";
import type { Redis } from "#platform/redis/redis.ts";
import { cartAt, itemsMax, quantityMax, touchesMax, type CartItem, type StoredCart } from "./cart.ts";
import { cartScript } from "./cart-script.ts";
import type { BoughtItems, CartParcel, CartTimes, MergeOutcome, MovableStore, OnceOnly } from "./carts.ts";
import { limitRefusal, refusal } from "./errors.ts";
import { parseAnswer, parseCart, type Answer, type Transfer } from "./redis-cart.ts";
import { storeRefusal } from "./redis-refusal.ts";

/** When carts with something in them expire, as far as that is known: only for counting them. */
const expiryKey = "stoa:carts:expiry";
const triesMax = 20;

export class RedisCarts implements MovableStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async find(userId: string, times: CartTimes): Promise<StoredCart | undefined> {
    return (await this.#look(userId, times))?.cart;
  }

  async touch(userId: string, times: CartTimes): Promise<StoredCart | undefined> {
    const thresholdMs = lifeMs(times) / touchesMax;
    const answer = await this.#change(userId, times, "touch", String(thresholdMs));
    return answer.outcome === "absent" ? undefined : answer.cart;
  }

  async add(userId: string, item: CartItem, times: CartTimes): Promise<StoredCart> {
    return (await this.#add(userId, item, times, ["", ""])).cart;
  }

  /** The cart remembers what was added under a name, so that a crash before the key commits adds nothing twice. */
  async addOnce(userId: string, item: CartItem, times: CartTimes, once: OnceOnly): Promise<void> {
    await this.#add(userId, item, times, [digest(once.name), digest(once.meaning)]);
    await failpoint("cart.addOnce.added");
    await once.within.inTransaction(() => Promise.resolve(null));
  }

  async set(
    userId: string,
    item: { readonly productId: string; readonly variantId: string | undefined; readonly quantity: number },
    times: CartTimes,
  ): Promise<StoredCart | undefined> {
    const { productId, variantId = "", quantity } = item;
    const { outcome, cart } = await this.#change(
      userId,
      times,
      "set",
      productId,
      variantId,
      String(quantity),
    );
    return outcome === "not-found" ? undefined : cart;
  }

  async clear(userId: string, times: CartTimes): Promise<void> {
    await this.#change(userId, times, "clear");
  }

  /**
   * Two keys may be on two servers, so this is three steps, each whole in itself: the guest's cart offers what it holds, the account's takes
   * what fits and remembers the offer, the guest's lets go of what was taken. Whoever meets an offer that is not settled goes on with it.
   */
  async merge(fromUserId: string, toUserId: string, times: CartTimes): Promise<MergeOutcome | undefined> {
    for (let tries = 0; tries < triesMax && fromUserId !== toUserId; tries += 1) {
      const { outcome, cart } = await this.#change(
        fromUserId,
        times,
        "offer",
        newId(times.now.getTime()),
        toUserId,
      );
      if (outcome === "nothing") break;
      if (!cart.out) throw new Error("An offer of a cart is not in it.");
      await failpoint("cart.merge.offered");
      const end = await this.#finish(fromUserId, cart.out, times);
      if (!end.isRefused) return { ...end.to, left: end.from.items };
    }
    const cart = (await this.#look(toUserId, times))?.cart;
    if (!cart) return undefined;
    const from = fromUserId === toUserId ? undefined : (await this.#look(fromUserId, times))?.cart;
    return { ...cartAt(cart, times.now), left: from ? cartAt(from, times.now).items : [] };
  }

  async consume({ userId, orderId, items }: BoughtItems, times: CartTimes): Promise<void> {
    await this.#change(userId, times, "consume", orderId, JSON.stringify(items));
  }

  async forget(userId: string): Promise<void> {
    await this.#command(keyOf(userId), ["DEL", keyOf(userId)]);
    await this.#command(expiryKey, ["ZREM", expiryKey, userId]);
  }

  /** The server itself lets carts expire; this counts those that still held something. */
  async sweep(now: Date, max: number): Promise<{ swept: number; abandoned: number }> {
    const due = await this.#command(expiryKey, [
      ...["ZRANGE", expiryKey, "-inf", String(now.getTime()), "BYSCORE", "LIMIT", "0", String(max)],
    ]);
    let abandoned = 0;
    for (const userId of due as string[]) {
      if ((await this.#command(expiryKey, ["ZREM", expiryKey, userId])) !== 1) continue;
      const text = await this.#command(keyOf(userId), ["GET", keyOf(userId)]);
      const cart = typeof text === "string" ? parseCart(text, userId) : undefined;
      if (!cart || (cart.items.length > 0 && cartAt(cart, now).items.length === 0)) abandoned += 1;
      else if (cart.expiresAt) this.#note(userId, cart.expiresAt);
    }
    return { swept: (due as string[]).length, abandoned };
  }

  async seal(userId: string, times: CartTimes): Promise<CartParcel> {
    const { cart } = await this.#ask(userId, times, "seal");
    return { ...cartAt(cart, times.now), consumed: cart.consumed };
  }

  async takeIn(userId: string, parcel: CartParcel, times: CartTimes): Promise<void> {
    const { version, items, consumed, expiresAt } = parcel;
    const given = {
      version: Number(version),
      items,
      consumed,
      ...(expiresAt && { expiresAtMs: expiresAt.getTime() }),
    };
    await this.#ask(userId, times, "take-in", JSON.stringify(given));
  }

  async release(userId: string, times: CartTimes): Promise<void> {
    await this.#ask(userId, times, "release");
  }

  async *remaining(): AsyncIterable<readonly string[]> {
    try {
      for await (const keys of this.#redis.keys("cart:*")) {
        const left: string[] = [];
        for (const key of keys) {
          const text = await this.#command(key, ["GET", key]);
          const userId = key.slice("cart:".length);
          const cart = typeof text === "string" ? parseCart(text, userId) : undefined;
          if (cart && (!cart.isMoved || cart.items.length > 0)) left.push(userId);
        }
        yield left;
      }
    } catch (error) {
      throw storeRefusal(error);
    }
  }

  async #add(
    userId: string,
    item: CartItem,
    times: CartTimes,
    once: readonly [string, string],
  ): Promise<Answer> {
    const { productId, variantId, quantity } = item;
    const limits = [String(itemsMax), String(quantityMax)];
    const answer = await this.#change(
      userId,
      times,
      "add",
      productId,
      variantId,
      String(quantity),
      ...limits,
      ...once,
    );
    if (answer.outcome === "done") return answer;
    if (answer.outcome !== "reused") throw limitRefusal(answer.outcome);
    throw appError("precondition", "IDEMPOTENCY_KEY_REUSED", {
      publicMessage: "The key was used before with another request.",
    });
  }

  /** Reads without a script, and so also from a server that runs none. */
  async #look(userId: string, times: CartTimes): Promise<Pick<Answer, "cart"> | undefined> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const text = await this.#command(keyOf(userId), ["GET", keyOf(userId)]);
      if (typeof text !== "string") return undefined;
      const cart = parseCart(text, userId);
      if (cart.isMoved) throw refusal("CART_MOVED");
      if (!cart.out) return { cart };
      await this.#finish(userId, cart.out, times);
    }
    throw refusal("CART_STORE_UNAVAILABLE");
  }

  async #change(userId: string, times: CartTimes, operation: string, ...args: string[]): Promise<Answer> {
    const answer = await this.#ask(userId, times, operation, ...args);
    if (answer.outcome === "moved") throw refusal("CART_MOVED");
    return answer;
  }

  /** Runs an operation, after the offer of an earlier merge that stands in its way has been settled. */
  async #ask(userId: string, times: CartTimes, operation: string, ...args: string[]): Promise<Answer> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const answer = await this.#run(userId, times, operation, ...args);
      if (answer.outcome !== "pending") return answer;
      await this.#finish(userId, answer.offer, times);
    }
    throw refusal("CART_STORE_UNAVAILABLE");
  }

  /** Goes on with an offer until it is settled. Of two that cross, the older one goes first; so nobody waits for ever. */
  async #finish(fromUserId: string, offer: Transfer, times: CartTimes) {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const received = await this.#receive(offer, times, "take");
      if (received.outcome === "pending") {
        if (offer.id < received.offer.id) await this.#refuse(offer.to, received.offer, times);
        else await this.#finish(offer.to, received.offer, times);
        continue;
      }
      if (received.outcome === "moved") {
        await this.#refuse(fromUserId, offer, times);
        throw refusal("CART_MOVED");
      }
      await failpoint("cart.merge.received");
      const settled = await this.#run(fromUserId, times, "settle", offer.id, received.more);
      return { from: settled.cart, to: received.cart, isRefused: received.outcome === "refused" };
    }
    throw refusal("CART_STORE_UNAVAILABLE");
  }

  async #refuse(fromUserId: string, offer: Transfer, times: CartTimes): Promise<void> {
    const { more } = await this.#receive(offer, times, "refuse");
    await this.#run(fromUserId, times, "settle", offer.id, more);
  }

  async #receive({ id, to, items }: Transfer, times: CartTimes, mode: "take" | "refuse"): Promise<Answer> {
    const limits = [String(itemsMax), String(quantityMax)];
    return await this.#run(to, times, "receive", id, JSON.stringify(items), mode, ...limits);
  }

  async #run(userId: string, times: CartTimes, operation: string, ...args: string[]): Promise<Answer> {
    const facts = [operation, userId, String(times.now.getTime()), String(lifeMs(times)), String(chance())];
    let reply: unknown;
    try {
      reply = await this.#redis.script(cartScript, keyOf(userId), [...facts, ...args]);
    } catch (error) {
      throw storeRefusal(error);
    }
    const answer = parseAnswer(reply, userId);
    if (answer.held === 0 && answer.holds > 0) this.#note(userId, times.expiresAt);
    else if (answer.held > 0 && answer.holds === 0) this.#note(userId, undefined);
    return answer;
  }

  /** Nobody waits for this: a count that misses one is still a count. */
  #note(userId: string, expiresAt: Date | undefined): void {
    const args = expiresAt
      ? ["ZADD", expiryKey, String(expiresAt.getTime()), userId]
      : ["ZREM", expiryKey, userId];
    this.#redis.command(expiryKey, args).catch(() => undefined);
  }

  async #command(key: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#redis.command(key, args);
    } catch (error) {
      throw storeRefusal(error);
    }
  }
}

function keyOf(userId: string): string {
  return `cart:${userId}`;
}

function lifeMs({ now, expiresAt }: CartTimes): number {
  return expiresAt.getTime() - now.getTime();
}

/** What the clock leaves open in a version. */
function chance(): number {
  return Math.floor(randomFraction() * 256);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 24);
}
