import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { create } from "@bufbuild/protobuf";
import { MergeCartsRequestSchema } from "#gen/stoa/cart/v1/cart_pb.js";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { testCall } from "#platform/testing/call.ts";
import { cartTimes } from "../context.ts";
import { addCartItem, findCart, mergeCarts as mergeStoredCarts } from "../store.ts";
import { contentOf, mug, openCarts, sunglasses, watch } from "../testing/open-carts.ts";
import { mergeCarts } from "./merge-carts.ts";

const { carts, catalogue, ctx } = await openCarts();
const add = (userId: string, productId: string, quantity: number) =>
  carts.addItem({ userId, productId, quantity });
const contentNow = async (userId: string) => contentOf((await carts.getCart({ userId })).cart);

test("a guest's cart is added to the account's as far as it fits; the rest stays with the guest and is told; again changes nothing", async () => {
  const [guest, account] = [newId(), newId()];
  await add(account, mug, 90);
  await add(account, watch, 1);
  await add(guest, mug, 20);
  await add(guest, watch, 2);
  await add(guest, sunglasses, 3);
  const merged = [`${mug} x99`, `${watch} x3`, `${sunglasses} x3`];
  const { cart, left } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(contentOf(cart), merged);
  assert.deepEqual(await contentNow(guest), [`${mug} x11`]);
  assert.deepEqual(
    left.map(({ name, quantity, limit }) => [name, quantity, limit]),
    [["Mug", 11, "quantity"]],
  );
  const { version } = (await carts.getCart({ userId: guest })).cart ?? {};
  const again = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(again, { ...again, cart, left });
  assert.equal((await carts.getCart({ userId: guest })).cart?.version, version);
  await carts.setItem({ userId: account, productId: catalogue.get(mug).id, quantity: 1 });
  const { left: none } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(none, []);
  assert.deepEqual(await contentNow(guest), []);
});

test("what is gone comes along like everything else, and is told by its last name where it does not fit", async () => {
  const [guest, account] = [newId(), newId()];
  const lamp = catalogue.add("LAMP000002", "Old Lamp", 1000n);
  await add(guest, lamp.id, 60);
  await add(account, lamp.id, 60);
  lamp.isGone = true;
  const { cart, left } = await carts.mergeCarts({ fromUserId: guest, toUserId: account });
  assert.deepEqual(contentOf(cart), [`${lamp.code} x99`]);
  assert.deepEqual(
    left.map(({ name, quantity }) => [name, quantity]),
    [["Old Lamp", 21]],
  );
});

test("whatever two carts hold, a merge loses and makes nothing, keeps both limits, and repeats change nothing", async () => {
  const variants = Array.from({ length: 104 }, newRandomId);
  const lines = fc.uniqueArray(
    fc.record({ at: fc.nat({ max: 103 }), quantity: fc.integer({ min: 1, max: 99 }) }),
    { selector: ({ at }) => at, minLength: 40, maxLength: 100 },
  );
  const sums = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(lines, lines, async (brought, own) => {
      const [guest, account] = [newId(), newId()];
      sums.clear();
      for (const [userId, held] of [
        [guest, brought],
        [account, own],
      ] as const) {
        await ctx.db.run(
          "insert into carts (user_id, version, expires_at, created_at, updated_at) values ($1, 1, $2, $3, $3)",
          [userId, cartTimes(ctx).expiresAt, cartTimes(ctx).now],
        );
        await ctx.db.run(
          `insert into cart (id, user_id, product_id, variant_id, quantity, created_at, updated_at)
           select gen_random_uuid(), $1, line.id, line.id, line.quantity, $4, $4 from unnest($2::uuid[], $3::int[]) as line (id, quantity)`,
          [
            userId,
            held.map(({ at }) => variants[at]),
            held.map(({ quantity }) => quantity),
            cartTimes(ctx).now,
          ],
        );
        for (const { at, quantity } of held)
          sums.set(variants[at] ?? "", quantity + (sums.get(variants[at] ?? "") ?? 0));
      }
      const first = await mergeStoredCarts(ctx.db, guest, account, cartTimes(ctx));
      assert.ok(first && first.items.length <= 100);
      const after = new Map<string, number>();
      for (const { variantId, quantity } of [...first.items, ...first.left])
        after.set(variantId, quantity + (after.get(variantId) ?? 0));
      assert.deepEqual(after, sums);
      for (const { quantity } of first.items) assert.ok(quantity <= 99);
      // What stayed could not go: its line is full, or all lines are.
      for (const { variantId } of first.left)
        assert.ok(
          first.items.length === 100 ||
            first.items.find((item) => item.variantId === variantId)?.quantity === 99,
        );
      const again = await mergeStoredCarts(ctx.db, guest, account, cartTimes(ctx));
      assert.deepEqual(again, first);
    }),
    { numRuns: 25 },
  );
});

test("parallel merges of one cart add it once", async () => {
  const [guest, account] = [newId(), newId()];
  await add(guest, mug, 2);
  await add(account, mug, 1);
  await Promise.all(
    Array.from({ length: 10 }, () => carts.mergeCarts({ fromUserId: guest, toUserId: account })),
  );
  assert.deepEqual(await contentNow(account), [`${mug} x3`]);
});

test("merges crosswise do not stand still, and lose nothing", async () => {
  for (let round = 0; round < 10; round += 1) {
    const [one, other] = [newId(), newId()];
    await add(one, mug, 2);
    await add(other, mug, 3);
    await Promise.all([
      carts.mergeCarts({ fromUserId: one, toUserId: other }),
      carts.mergeCarts({ fromUserId: other, toUserId: one }),
    ]);
    assert.deepEqual([...(await contentNow(one)), ...(await contentNow(other))], [`${mug} x5`]);
  }
});

test("a merged cart has a hundred items at most: those of the account, then the oldest of the guest", async () => {
  const [guest, account] = [newId(), newId()];
  const fill = async (userId: string, count: number) => {
    const variantIds = Array.from({ length: count }, newRandomId);
    for (const variantId of variantIds)
      await addCartItem(
        ctx.db,
        userId,
        { id: newId(), productId: variantId, variantId, quantity: 1 },
        cartTimes(ctx),
      );
    return variantIds;
  };
  const own = await fill(account, 70);
  const brought = await fill(guest, 50);
  const cart = await mergeStoredCarts(ctx.db, guest, account, cartTimes(ctx));
  assert.deepEqual(
    new Set(cart?.items.map(({ variantId }) => variantId)),
    new Set([...own, ...brought.slice(0, 30)]),
  );
  const stayed = brought.slice(30);
  assert.deepEqual(
    cart?.left.map(({ variantId }) => variantId),
    stayed,
  );
  assert.deepEqual(
    (await findCart(ctx.db, guest))?.items.map(({ variantId }) => variantId),
    stayed,
  );
});

test("a cart merged with itself or with nothing stays as it is", async () => {
  const account = newId();
  const { cart } = await add(account, mug, 2);
  assert.deepEqual((await carts.mergeCarts({ fromUserId: account, toUserId: account })).cart, cart);
  assert.deepEqual((await carts.mergeCarts({ fromUserId: newId(), toUserId: account })).cart, cart);
});

test("only services merge", async () => {
  const request = create(MergeCartsRequestSchema, { fromUserId: newId(), toUserId: newId() });
  for (const call of [testCall(), testCall({ userId: request.toUserId, role: "admin" })])
    await assert.rejects(mergeCarts(ctx, request, call), { reason: "SERVICE_REQUIRED" });
});
