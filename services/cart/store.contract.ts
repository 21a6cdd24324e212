// What every store of carts promises, as tests: of PostgreSQL in store.test.ts, of a real Redis in redis-store.outside.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Database } from "#platform/database/db.ts";
import type { Transactor } from "#platform/database/kept-answers.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import type { TestClock } from "#platform/testing/test-clock.ts";
import { cartAt, itemsMax, quantityMax, type CartItem, type StoredCart } from "./cart.ts";
import type { MovableStore } from "./carts.ts";

export interface StoreUnderTest {
  readonly store: MovableStore;
  /** Where keys commit. */
  readonly db: Database;
  readonly clock: TestClock;
}

const dayMs = 24 * 3_600_000;

type Item = CartItem;
const item = (quantity = 1, variantId = newRandomId()): Item => ({
  productId: variantId,
  variantId,
  quantity,
});
const contentOf = (cart: { readonly items: readonly Item[] } | undefined) =>
  (cart?.items ?? []).map(({ variantId, quantity }) => [variantId, quantity]);
const countOf = (items: readonly Item[]) => items.reduce((sum, { quantity }) => sum + quantity, 0);

/** Registers the tests; the store is opened once, before any of them. */
export function testCartStore(name: string, { store, db, clock }: StoreUnderTest): void {
  const times = () => {
    const now = clock.now();
    return { now, expiresAt: new Date(now.getTime() + 7 * dayMs) };
  };
  const find = async (userId: string) => {
    const cart = await store.find(userId, times());
    return cart && cartAt(cart, clock.now());
  };
  const fill = async (userId: string, items: readonly Item[]) => {
    for (const one of items) await store.add(userId, one, times());
  };
  const tools: Tools = { store, db, clock, times, find, fill };
  const it = (sentence: string, work: () => Promise<void>) => void test(`${name}: ${sentence}`, work);
  testLines(it, tools);
  testRaces(it, tools);
  testMerges(it, tools);
  testVersions(it, tools);
  testOnce(it, tools);
  testMoves(it, tools);
}

interface Tools extends StoreUnderTest {
  readonly times: () => { now: Date; expiresAt: Date };
  readonly find: (userId: string) => Promise<StoredCart | undefined>;
  readonly fill: (userId: string, items: readonly Item[]) => Promise<void>;
}
type It = (sentence: string, work: () => Promise<void>) => void;

function testLines(it: It, { store, clock, times, find, fill }: Tools): void {
  it("an actor who never had a cart has none", async () => {
    assert.equal(await find(newId()), undefined);
    assert.equal(await store.touch(newId(), times()), undefined);
  });

  it("the same variant adds up, lines stay in the order in which they came, a line can be set and taken out", async () => {
    const userId = newId();
    const [one, other] = [item(2), item(1)];
    await fill(userId, [one, other, { ...one, quantity: 3 }]);
    assert.deepEqual(contentOf(await find(userId)), [
      [one.variantId, 5],
      [other.variantId, 1],
    ]);
    const set = async (quantity: number, { productId, variantId }: Item) =>
      await store.set(userId, { productId, variantId, quantity }, times());
    assert.deepEqual(contentOf(await set(7, one)), [
      [one.variantId, 7],
      [other.variantId, 1],
    ]);
    assert.deepEqual(contentOf(await set(0, one)), [[other.variantId, 1]]);
    assert.equal(await set(1, one), undefined);
  });

  it("without a variant the only line of a product is meant, else that of its first variant", async () => {
    const userId = newId();
    const productId = newRandomId();
    const second = { productId, variantId: newRandomId(), quantity: 1 };
    const set = async (quantity: number) =>
      contentOf(await store.set(userId, { productId, variantId: undefined, quantity }, times()));
    await fill(userId, [second]);
    assert.deepEqual(await set(4), [[second.variantId, 4]]);
    await fill(userId, [{ productId, variantId: productId, quantity: 1 }]);
    assert.deepEqual(await set(9), [
      [second.variantId, 4],
      [productId, 9],
    ]);
    await store.set(userId, { productId, variantId: productId, quantity: 0 }, times());
    await fill(userId, [{ productId, variantId: newRandomId(), quantity: 1 }]);
    assert.equal(
      await store.set(userId, { productId, variantId: undefined, quantity: 1 }, times()),
      undefined,
    );
  });

  it("a cart is gone seven days after the last touch, to the millisecond, and looking is a touch", async () => {
    const userId = newId();
    const [one] = [item()];
    await fill(userId, [one]);
    for (let look = 0; look < 3; look += 1) {
      clock.advance(7 * dayMs - 1);
      const cart = await store.touch(userId, times());
      assert.equal(cart?.expiresAt?.getTime(), clock.now().getTime() + 7 * dayMs);
    }
    clock.advance(7 * dayMs - 1);
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 1]]);
    clock.advance(1);
    assert.deepEqual(contentOf(await find(userId)), []);
    await fill(userId, [{ ...one, quantity: 2 }]);
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 2]]);
  });

  it("what was bought is taken out once for each order; what was put in since stays", async () => {
    const userId = newId();
    const [one, other] = [item(5), item(1)];
    await fill(userId, [one, other]);
    const order = { userId, orderId: newId(), items: [{ ...one, quantity: 2 }, other] };
    for (let time = 0; time < 3; time += 1) {
      await store.consume(order, times());
      assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 3]]);
    }
    await store.consume({ ...order, orderId: newId() }, times());
    await store.consume({ userId: newId(), orderId: newId(), items: [one] }, times());
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 1]]);
  });

  it("nothing of an actor who is forgotten is left", async () => {
    const userId = newId();
    await fill(userId, [item(), item()]);
    await store.forget(userId, clock.now());
    assert.deepEqual(contentOf(await find(userId)), []);
  });

  it("carts that expired with something in them are counted once, and only those", async () => {
    while ((await store.sweep(new Date(clock.now().getTime() + 400 * dayMs), 500)).swept > 0);
    const [left, cleared, bought, touched] = [newId(), newId(), newId(), newId()];
    const one = item();
    for (const userId of [left, cleared, bought, touched]) await fill(userId, [one]);
    await store.clear(cleared, times());
    await store.consume({ userId: bought, orderId: newId(), items: [one] }, times());
    clock.advance(6 * dayMs);
    await store.touch(touched, times());
    clock.advance(dayMs);
    let abandoned = 0;
    for (let turn = 0; turn < 3; turn += 1) abandoned += (await store.sweep(clock.now(), 500)).abandoned;
    assert.equal(abandoned, 1);
    assert.deepEqual(contentOf(await find(touched)), [[one.variantId, 1]]);
  });
}

function testRaces(it: It, { store, times, find, fill }: Tools): void {
  it("two hundred parallel additions of one lose none: 99 are in the cart, the others are refused and change nothing", async () => {
    const userId = newId();
    const one = item();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, async () => await store.add(userId, one, times())),
    );
    const done = outcomes.filter((outcome) => outcome.status === "fulfilled");
    assert.equal(done.length, quantityMax);
    assert.equal(new Set(done.map(({ value }) => value.version)).size, quantityMax);
    for (const outcome of outcomes)
      assert.ok(outcome.status === "fulfilled" || isReason(outcome.reason, "CART_QUANTITY_LIMIT"));
    const before = await find(userId);
    await assert.rejects(store.add(userId, one, times()), { reason: "CART_QUANTITY_LIMIT" });
    assert.deepEqual(await find(userId), before);
    assert.deepEqual(contentOf(before), [[one.variantId, quantityMax]]);
  });

  it("two hundred parallel additions to three lines are all in the cart", async () => {
    const userId = newId();
    const lines = [item(), item(), item()];
    await Promise.all(
      Array.from(
        { length: 200 },
        async (_, index) => await store.add(userId, lines[index % 3] ?? item(), times()),
      ),
    );
    assert.equal(countOf((await find(userId))?.items ?? []), 200);
  });

  it("a cart holds a hundred items and no more, also when they come at once", async () => {
    const userId = newId();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 130 }, async () => await store.add(userId, item(), times())),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, itemsMax);
    await assert.rejects(store.add(userId, item(), times()), { reason: "CART_LINE_LIMIT" });
  });

  it("parallel repeats of one order beside additions take its items out once", async () => {
    const userId = newId();
    const one = item(50);
    await fill(userId, [one]);
    const order = { userId, orderId: newId(), items: [{ ...one, quantity: 20 }] };
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await store.consume(order, times());
        await store.add(userId, { ...one, quantity: 1 }, times());
        if (index % 4 === 0) await store.touch(userId, times());
      }),
    );
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 50]]);
  });
}

function testMerges(it: It, { store, times, find, fill }: Tools): void {
  it("whatever two carts hold, a merge loses and makes nothing, keeps both limits, and repeats change nothing", async () => {
    const variants = Array.from({ length: 104 }, newRandomId);
    const lines = fc.uniqueArray(
      fc.record({ at: fc.nat({ max: 103 }), quantity: fc.integer({ min: 1, max: 99 }) }),
      { selector: ({ at }) => at, minLength: 40, maxLength: 100 },
    );
    await fc.assert(
      fc.asyncProperty(lines, lines, async (brought, own) => {
        const [guest, account] = [newId(), newId()];
        const sums = new Map<string, number>();
        for (const [userId, held] of [
          [guest, brought],
          [account, own],
        ] as const) {
          const items = held.map(({ at, quantity }) => item(quantity, variants[at]));
          await store.seal(userId, times());
          await store.takeIn(userId, { version: 1n, ...times(), items, consumed: [] }, times());
          for (const { variantId, quantity } of items)
            sums.set(variantId, quantity + (sums.get(variantId) ?? 0));
        }
        const first = await store.merge(guest, account, times());
        assert.ok(first && first.items.length <= itemsMax);
        const after = new Map<string, number>();
        for (const { variantId, quantity } of [...first.items, ...first.left])
          after.set(variantId, quantity + (after.get(variantId) ?? 0));
        assert.deepEqual(after, sums);
        for (const { quantity } of first.items) assert.ok(quantity <= quantityMax);
        // What stayed could not go: its line is full, or all lines are.
        const taken = new Map(first.items.map(({ variantId, quantity }) => [variantId, quantity]));
        for (const { variantId } of first.left)
          assert.ok(first.items.length === itemsMax || taken.get(variantId) === quantityMax);
        const again = await store.merge(guest, account, times());
        assert.deepEqual(
          [again?.version, again?.items, again?.left],
          [first.version, first.items, first.left],
        );
      }),
      { numRuns: 25 },
    );
  });

  it("a merged cart has a hundred items at most: those of the account, then the oldest of the guest", async () => {
    const [guest, account] = [newId(), newId()];
    const own = Array.from({ length: 70 }, () => item());
    const brought = Array.from({ length: 50 }, () => item());
    await fill(account, own);
    await fill(guest, brought);
    const merged = await store.merge(guest, account, times());
    assert.deepEqual(contentOf(merged), contentOf({ items: [...own, ...brought.slice(0, 30)] }));
    assert.deepEqual(contentOf({ items: merged?.left ?? [] }), contentOf({ items: brought.slice(30) }));
    assert.deepEqual(contentOf(await find(guest)), contentOf({ items: brought.slice(30) }));
  });

  it("a cart merged with itself or with nothing stays as it is", async () => {
    const userId = newId();
    await fill(userId, [item(3)]);
    const before = await find(userId);
    for (const from of [userId, newId()]) await store.merge(from, userId, times());
    assert.deepEqual(await find(userId), before);
  });

  it("parallel merges of one cart add it once, also beside additions to both", async () => {
    const [guest, account] = [newId(), newId()];
    const one = item(2);
    await fill(guest, [one]);
    await fill(account, [{ ...one, quantity: 1 }]);
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await store.merge(guest, account, times());
        await store.add(index % 2 === 0 ? guest : account, { ...one, quantity: 1 }, times());
      }),
    );
    await store.merge(guest, account, times());
    assert.deepEqual(contentOf(await find(account)), [[one.variantId, 13]]);
    assert.deepEqual(contentOf(await find(guest)), []);
  });

  it("merges crosswise and in a ring do not stand still, and lose nothing", async () => {
    for (let round = 0; round < 10; round += 1) {
      const ring = [newId(), newId(), newId()] as const;
      const one = item(3);
      for (const userId of ring) await fill(userId, [one]);
      const [first, second, third] = ring;
      await Promise.all([
        store.merge(first, second, times()),
        store.merge(second, first, times()),
        store.merge(second, third, times()),
        store.merge(third, first, times()),
      ]);
      const held = await Promise.all(ring.map(async (userId) => (await find(userId))?.items ?? []));
      assert.equal(countOf(held.flat()), 9);
    }
  });
}

function testVersions(it: It, { store, clock, times, find, fill }: Tools): void {
  it("every change has a version that grows, of fifteen digits at most; what changes nothing has none", async () => {
    const userId = newId();
    const one = item(2);
    const seen: bigint[] = [];
    const look = async () => seen.push((await find(userId))?.version ?? 0n);
    await fill(userId, [one]);
    await look();
    await store.set(userId, { ...one, quantity: 5 }, times());
    await look();
    await store.clear(userId, times());
    await look();
    clock.advance(8 * dayMs);
    await fill(userId, [one]);
    await look();
    await store.consume({ userId, orderId: newId(), items: [] }, times());
    await look();
    clock.advance(8 * dayMs);
    await fill(userId, [one]);
    await look();
    for (let index = 1; index < seen.length; index += 1)
      assert.ok(
        (seen[index] ?? 0n) > (seen[index - 1] ?? 0n),
        `${seen.join(", ")} does not grow at ${index}`,
      );
    assert.ok((seen.at(-1) ?? 0n) < 10n ** 15n);
    await store.set(userId, one, times());
    await store.clear(newId(), times());
    assert.equal((await find(userId))?.version, seen.at(-1));
  });

  it("a cart that is made anew after a loss has none of the versions that were lost", async () => {
    const [userId, lost] = [newId(), new Set<bigint>()];
    for (let index = 0; index < 90; index += 1) lost.add((await store.add(userId, item(), times())).version);
    await store.seal(userId, times());
    // Rolled back to how it was at first, as a replica or an old copy would have it.
    await store.takeIn(userId, { version: 1n, ...times(), items: [], consumed: [] }, times());
    clock.advance(2);
    for (let index = 0; index < 90; index += 1) {
      const { version } = await store.add(userId, item(), times());
      assert.ok(!lost.has(version), `Version ${version} came back.`);
    }
  });
}

function testOnce(it: It, { store, db, times, find, fill }: Tools): void {
  const crashing: Transactor = {
    inTransaction: async (work) =>
      await db.inTransaction(async (tx) => {
        await work(tx);
        throw new Error("The process ends before the key commits.");
      }),
  };

  it("an addition under a name is in the cart once, also when its first try ended before the key committed", async () => {
    const userId = newId();
    const one = item(2);
    const once = { name: `${userId} key`, meaning: "add" };
    await fill(userId, [{ ...one, quantity: 1 }]);
    await assert.rejects(store.addOnce(userId, one, times(), { ...once, within: crashing }), /ends before/);
    await store.addOnce(userId, one, times(), { ...once, within: db });
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 3]]);
    await store.addOnce(userId, one, times(), { name: `${userId} other key`, meaning: "add", within: db });
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 5]]);
  });
}

function testMoves(it: It, { store, times, find, fill }: Tools): void {
  it("a sealed cart tells all that is to be taken along, and is changed and read by nobody until it is taken in", async () => {
    const userId = newId();
    const [one, other] = [item(2), item(3)];
    await fill(userId, [one, other]);
    const order = { userId, orderId: newId(), items: [other] };
    await store.consume(order, times());
    const version = (await find(userId))?.version ?? 0n;
    for (let time = 0; time < 2; time += 1) {
      const parcel = await store.seal(userId, times());
      assert.deepEqual(
        [parcel.version, contentOf(parcel), parcel.consumed],
        [version, [[one.variantId, 2]], [order.orderId]],
      );
    }
    const moved = { reason: "CART_MOVED" };
    await assert.rejects(find(userId), moved);
    await assert.rejects(store.touch(userId, times()), moved);
    await assert.rejects(store.add(userId, one, times()), moved);
    await assert.rejects(store.set(userId, one, times()), moved);
    await assert.rejects(store.clear(userId, times()), moved);
    await assert.rejects(store.consume({ ...order, orderId: newId() }, times()), moved);
    await assert.rejects(store.merge(userId, newId(), times()), moved);
    const guest = newId();
    await fill(guest, [one]);
    await assert.rejects(store.merge(guest, userId, times()), moved);
    assert.deepEqual(contentOf(await find(guest)), [[one.variantId, 2]]);
    await store.release(userId, times());
    assert.deepEqual(contentOf(await store.seal(userId, times())), []);
    const parcel = { version, expiresAt: times().expiresAt, items: [one], consumed: [order.orderId] };
    await store.takeIn(userId, parcel, times());
    await store.consume(order, times());
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 2]]);
    await store.takeIn(userId, { ...parcel, items: [] }, times());
    await store.release(userId, times());
    assert.deepEqual(contentOf(await find(userId)), [[one.variantId, 2]]);
  });

  it("an actor whose cart was never here is sealed too, and then has none here", async () => {
    const userId = newId();
    assert.deepEqual(contentOf(await store.seal(userId, times())), []);
    await assert.rejects(store.add(userId, item(), times()), { reason: "CART_MOVED" });
  });

  it("what remains to be moved are carts that hold something, and those whose orders are still known", async () => {
    const [full, bought, gone] = [newId(), newId(), newId()];
    const one = item();
    for (const userId of [full, bought, gone]) await fill(userId, [one]);
    await store.consume({ userId: bought, orderId: newId(), items: [one] }, times());
    await store.seal(gone, times());
    const remaining = async () => {
      const found = new Set<string>();
      for await (const part of store.remaining(times())) for (const userId of part) found.add(userId);
      return [full, bought, gone].map((userId) => found.has(userId));
    };
    assert.deepEqual(await remaining(), [true, true, true]);
    await store.release(gone, times());
    assert.deepEqual(await remaining(), [true, true, false]);
  });
}
