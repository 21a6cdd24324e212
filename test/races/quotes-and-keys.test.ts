import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { toAppError, type AppError } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { FaultyNetwork } from "../faults/faulty-network.ts";
import { setStock, stockState } from "../lab/stock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

const network = new FaultyNetwork();
const shop = await openBackEnd({ network: network.carry });
const code = "2ZYFJ3GM2N";

async function setPrice(minor: number): Promise<void> {
  await shop
    .database("catalog")
    .run(
      `update product_variants v set price_minor = $2 from products p where p.id = v.product_id and p.code = $1`,
      [code, minor],
    );
}

async function quoted(userId: string, items?: { productId: string; quantity: number }[]) {
  const { shippingAddress } = orderRequest({ userId });
  const { quote } = await shop.checkout.createQuote({ userId, shippingAddress, ...(items ? { items } : {}) });
  return quote ?? assert.fail("no quote");
}

async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => assert.fail("It should have been refused."),
    (reason: unknown) => reason,
  );
  return toAppError(error);
}

async function chargesOf(userId: string): Promise<number> {
  const { orders } = await shop.order.listOrders({ userId });
  const [row] = await shop
    .database("payment")
    .rows<{ count: number }>("select count(*)::int as count from provider.charges where order_id = any($1)", [
      orders.map(({ id }) => id),
    ]);
  return row?.count ?? 0;
}

it("what was shown is what is charged: after a change of price the new quote comes back and nothing is charged", async () => {
  const userId = newRandomId();
  const items = [{ productId: code, quantity: 2 }];
  await setPrice(2499);
  const shown = await quoted(userId, items);
  await setPrice(2999);
  const refusal = await refusalOf(
    shop.checkout.placeOrder({ ...orderRequest({ userId, items }), quoteId: shown.id }),
  );
  assert.equal(refusal.reason, "QUOTE_CHANGED");
  assert.equal(await chargesOf(userId), 0);
  const fresh = refusal.details["quote"] as { id: string; total: { minor: string } };
  assert.equal(fresh.total.minor, String((shown.total?.minor ?? 0n) + 1000n));
  const { order } = await shop.checkout.placeOrder({ ...orderRequest({ userId, items }), quoteId: fresh.id });
  assert.equal(order?.totalAmount?.minor, BigInt(fresh.total.minor));
  await setPrice(2499);
});

it("a quote of another buyer, or one that never was, buys nothing", async () => {
  const items = [{ productId: code, quantity: 1 }];
  const foreign = await quoted(newRandomId(), items);
  for (const quoteId of [foreign.id, newRandomId()]) {
    const refusal = await refusalOf(
      shop.checkout.placeOrder({ ...orderRequest({ userId: newRandomId(), items }), quoteId }),
    );
    assert.equal(refusal.reason, "QUOTE_NOT_FOUND");
  }
});

it("a cart that changed since its version was shown is not bought behind the buyer's back", async () => {
  const userId = newRandomId();
  await shop.cart.addItem({ userId, productId: code, quantity: 1 });
  const { cart } = await shop.cart.getCart({ userId });
  await shop.cart.addItem({ userId, productId: "6E92ZMYYFZ", quantity: 1 });
  const request = orderRequest({ userId, cartVersion: cart?.version ?? 0n });
  assert.equal((await refusalOf(shop.checkout.placeOrder(request))).reason, "QUOTE_CHANGED");
  assert.equal(await chargesOf(userId), 0);
});

it("whatever the sequence of keys and bodies, a key has one answer and one body", async () => {
  const step = fc.record({ key: fc.constantFrom("a", "b"), quantity: fc.constantFrom(1, 2) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
      const userId = newRandomId();
      const firsts = new Map<string, { quantity: number; orderId: string }>();
      for (const { key, quantity } of steps) {
        const items = [{ productId: "6E92ZMYYFZ", quantity }];
        const asked = shop.checkout.placeOrder(orderRequest({ userId, items, idempotencyKey: key }));
        const first = firsts.get(key);
        if (first && first.quantity !== quantity) {
          assert.equal((await refusalOf(asked)).reason, "IDEMPOTENCY_KEY_REUSED");
          continue;
        }
        const orderId = (await asked).order?.id ?? "";
        if (first) assert.equal(orderId, first.orderId);
        else firsts.set(key, { quantity, orderId });
      }
      const { total } = await shop.order.listOrders({ userId });
      assert.equal(Number(total), firsts.size);
    }),
    { numRuns: 60 },
  );
});

it("after all of it every invariant holds", async () => {
  await shop.mustBeSound();
});

it("a key that the release before kept is answered as it was, and another request under it is refused", async () => {
  const userId = newRandomId();
  const request = orderRequest({ userId, items: [{ productId: code, quantity: 1 }], idempotencyKey: "kept" });
  const { order } = await shop.checkout.placeOrder(request);
  const forgotten = await shop
    .database("checkout")
    .run("update idempotency_keys set versioned_hash = null where user_id = $1 and key = 'kept'", [userId]);
  assert.equal(forgotten, 1);
  const again = await shop.checkout.placeOrder(request);
  assert.equal(again.order?.id, order?.id);
  const other = { ...request, email: "eve@example.com" };
  assert.equal((await refusalOf(shop.checkout.placeOrder(other))).reason, "IDEMPOTENCY_KEY_REUSED");
  assert.equal(await chargesOf(userId), 1);
});

it("while the order service hangs the buyer is told in time to ask again, and the same key then gets the one order", async () => {
  const userId = newRandomId();
  const { productId } = await setStock(shop.database("catalog"), "LS4PSXUNUM", 5);
  const request = orderRequest({ userId, items: [{ productId, quantity: 1 }], idempotencyKey: "hangs" });
  network.break("order", "slow");
  const refusal = await refusalOf(shop.checkout.placeOrder(request, { timeoutMs: 1_000 }));
  assert.deepEqual([refusal.kind, refusal.reason], ["unavailable", "CHECKOUT_UNRESOLVED"]);
  assert.ok(refusal.retryAfterSeconds);
  const meanwhile = await refusalOf(shop.checkout.placeOrder(request));
  assert.equal(meanwhile.reason, "REQUEST_IN_PROGRESS");
  network.heal();
  let orderId = "";
  await eventually("the same key gets the order", async () => {
    const placed = await shop.checkout.placeOrder(request).catch(() => undefined);
    orderId = placed?.order?.id ?? "";
    return orderId !== "";
  });
  const { orders } = await shop.order.listOrders({ userId });
  assert.deepEqual(
    orders.map(({ id }) => id),
    [orderId],
  );
  assert.equal(await chargesOf(userId), 1);
});

it("when the order service is gone all is given back at once, and the same key begins anew", async () => {
  const userId = newRandomId();
  const { productId } = await setStock(shop.database("catalog"), "LS4PSXUNUM", 5);
  const request = orderRequest({ userId, items: [{ productId, quantity: 1 }], idempotencyKey: "gone" });
  network.break("order", "gone");
  const refusal = await refusalOf(shop.checkout.placeOrder(request));
  assert.deepEqual([refusal.kind, refusal.reason], ["unavailable", "CHECKOUT_INTERRUPTED"]);
  assert.ok(refusal.retryAfterSeconds);
  assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: 5, reserved: 0 });
  network.heal();
  const { order } = await shop.checkout.placeOrder(request);
  assert.ok(order);
  assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: 4, reserved: 0 });
  assert.equal(await chargesOf(userId), 1);
});
