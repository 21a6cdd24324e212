import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AppError, toAppError } from "#platform/kit/errors.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";
import { setStock, stockState } from "../lab/stock.ts";

const shop = await openBackEnd();

interface Tally {
  readonly orders: string[];
  readonly refusals: string[];
}

async function race(
  works: readonly (() => Promise<{ order?: { id: string } | undefined }>)[],
): Promise<Tally> {
  const settled = await Promise.allSettled(works.map((work) => work()));
  const orders: string[] = [];
  const refusals: string[] = [];
  for (const result of settled) {
    if (result.status === "fulfilled") orders.push(result.value.order?.id ?? "");
    else refusals.push(toAppError(result.reason).reason);
  }
  return { orders, refusals };
}

describe("buyers racing for the last units", () => {
  for (const units of [1, 50]) {
    for (const buyers of [1, 10, 100, 200]) {
      it(`${buyers} buyers for ${units}: exactly what is there is sold, every other buyer is told so`, async () => {
        const { productId } = await setStock(shop.database("catalog"), "1YMWWN1N4O", units);
        const place = () =>
          shop.checkout.placeOrder(
            orderRequest({ userId: newRandomId(), items: [{ productId, quantity: 1 }] }),
            { timeoutMs: 60_000 },
          );
        const { orders, refusals } = await race(Array.from({ length: buyers }, () => place));
        assert.equal(orders.length, Math.min(units, buyers));
        assert.deepEqual(
          refusals,
          Array.from({ length: Math.max(0, buyers - units) }, () => "STOCK_INSUFFICIENT"),
        );
        const state = await stockState(shop.database("catalog"), productId);
        assert.deepEqual(state, { onHand: units - orders.length, reserved: 0 });
      });
    }
  }

  it("two lines of one product count as their sum", async () => {
    const { productId } = await setStock(shop.database("catalog"), "L9ECAV7KIM", 3);
    const items = [
      { productId, quantity: 2 },
      { productId: "L9ECAV7KIM", quantity: 2 },
    ];
    const refusal = await shop.checkout
      .placeOrder(orderRequest({ userId: newRandomId(), items }))
      .catch((error: unknown) => error);
    assert.ok(refusal instanceof AppError);
    assert.equal(refusal.reason, "STOCK_INSUFFICIENT");
  });
});

describe("one cart submitted many ways at once", () => {
  it("ten times without a key: one order, and all ten are shown it", async () => {
    const userId = await buyerWithCart();
    const { orders, refusals } = await race(
      Array.from(
        { length: 10 },
        () => () => shop.checkout.placeOrder(orderRequest({ userId }), { timeoutMs: 30_000 }),
      ),
    );
    assert.equal(new Set(orders).size, 1);
    // One that comes after the cart was emptied finds an empty cart.
    assert.deepEqual(
      [...new Set(refusals)].filter((reason) => reason !== "CART_EMPTY"),
      [],
    );
    await assertOneOrder(userId);
  });

  it("ten times with ten keys and the cart's version: one order, ten same answers", async () => {
    const userId = await buyerWithCart();
    const { cart } = await shop.cart.getCart({ userId });
    const cartVersion = cart?.version ?? 0n;
    const place = () =>
      shop.checkout.placeOrder(orderRequest({ userId, cartVersion, idempotencyKey: newId() }), {
        timeoutMs: 30_000,
      });
    const { orders, refusals } = await race(Array.from({ length: 10 }, () => place));
    assert.deepEqual(refusals, []);
    assert.equal(new Set(orders).size, 1);
    await assertOneOrder(userId);
  });

  it("ten times with one key: one order; the others get it or are told to ask again", async () => {
    const userId = await buyerWithCart();
    const request = orderRequest({ userId, idempotencyKey: "one-key" });
    const { orders, refusals } = await race(
      Array.from({ length: 10 }, () => () => shop.checkout.placeOrder(request, { timeoutMs: 30_000 })),
    );
    assert.equal(new Set(orders).size, 1);
    assert.ok(refusals.every((reason) => reason === "REQUEST_IN_PROGRESS"));
    const { order } = await shop.checkout.placeOrder(request);
    assert.equal(order?.id, orders[0]);
    await assertOneOrder(userId);
  });

  it("a reload with the cart's version shows the order it became; without it the cart is empty", async () => {
    const userId = await buyerWithCart();
    const { cart } = await shop.cart.getCart({ userId });
    const request = orderRequest({ userId, cartVersion: cart?.version ?? 0n });
    const first = await shop.checkout.placeOrder(request);
    const second = await shop.checkout.placeOrder(request);
    assert.deepEqual(second, first);
    const refusal = await shop.checkout.placeOrder(orderRequest({ userId })).catch((error: unknown) => error);
    assert.equal(toAppError(refusal).reason, "CART_EMPTY");
  });

  it("what is put into the cart while the order is placed is still there afterwards", async () => {
    const userId = await buyerWithCart();
    const [placed] = await Promise.all([
      shop.checkout.placeOrder(orderRequest({ userId })),
      ...Array.from({ length: 5 }, () => shop.cart.addItem({ userId, productId: "6E92ZMYYFZ", quantity: 1 })),
    ]);
    const bought = placed.order?.items.find(({ productCode }) => productCode === "6E92ZMYYFZ")?.quantity ?? 0;
    const { cart } = await shop.cart.getCart({ userId });
    const left = cart?.items.find(({ productCode }) => productCode === "6E92ZMYYFZ")?.quantity ?? 0;
    assert.equal(bought + left, 5);
    assert.ok(!cart?.items.some(({ productCode }) => productCode === "OLJCESPC7Z"));
  });
});

describe("keys", () => {
  it("the same key and request get the same answer, byte for byte, also a refusal", async () => {
    const userId = await buyerWithCart();
    const card = { number: "4000000000000002", expiryMonth: 12, expiryYear: 2035, cvc: "123" };
    const request = orderRequest({ userId, idempotencyKey: "declined-once", card: card });
    const first = toAppError(
      await shop.checkout.placeOrder(request, { requestId: "a" }).catch((error: unknown) => error),
    );
    const second = toAppError(
      await shop.checkout.placeOrder(request, { requestId: "b" }).catch((error: unknown) => error),
    );
    assert.equal(first.reason, "CARD_DECLINED");
    const shown = ({ kind, reason, publicMessage, details }: AppError) => ({
      kind,
      reason,
      publicMessage,
      details,
    });
    assert.deepEqual(shown(second), shown(first));
  });

  it("the same key with another request is refused", async () => {
    const userId = await buyerWithCart();
    const request = { userId, idempotencyKey: "other-body" };
    await shop.checkout.placeOrder(orderRequest(request));
    const refusal = await shop.checkout
      .placeOrder(orderRequest({ ...request, email: "eve@example.com" }))
      .catch((error: unknown) => error);
    assert.equal(toAppError(refusal).reason, "IDEMPOTENCY_KEY_REUSED");
  });

  it("a request that was not right does not use its key up", async () => {
    const userId = await buyerWithCart();
    const request = { userId, idempotencyKey: "mended" };
    const bad = { number: "4242424242424241", expiryMonth: 12, expiryYear: 2035, cvc: "123" };
    const refusal = await shop.checkout
      .placeOrder(orderRequest({ ...request, card: bad }))
      .catch((error: unknown) => error);
    assert.equal(toAppError(refusal).reason, "CARD_INVALID");
    const { order } = await shop.checkout.placeOrder(orderRequest(request));
    assert.equal(order?.status, "processing");
  });

  it("another buyer's key tells nothing and holds nothing up", async () => {
    const [one, other] = await Promise.all([buyerWithCart(), buyerWithCart()]);
    const first = await shop.checkout.placeOrder(orderRequest({ userId: one, idempotencyKey: "shared" }));
    const second = await shop.checkout.placeOrder(orderRequest({ userId: other, idempotencyKey: "shared" }));
    assert.notEqual(first.order?.id, second.order?.id);
    assert.equal(second.order?.userId, other);
  });

  it("a declined card does not use the cart up: another card buys it", async () => {
    const userId = await buyerWithCart();
    const declined = { number: "4000000000009995", expiryMonth: 12, expiryYear: 2035, cvc: "123" };
    const refusal = await shop.checkout
      .placeOrder(orderRequest({ userId, card: declined }))
      .catch((error: unknown) => error);
    assert.equal(toAppError(refusal).reason, "FUNDS_INSUFFICIENT");
    const { order } = await shop.checkout.placeOrder(orderRequest({ userId }));
    assert.equal(order?.status, "processing");
    await assertOneOrder(userId);
  });
});

it("after all of it every invariant holds", async () => {
  await shop.mustBeSound();
});

async function buyerWithCart(): Promise<string> {
  const userId = newRandomId();
  await shop.cart.addItem({ userId, productId: "OLJCESPC7Z", quantity: 1 });
  return userId;
}

async function assertOneOrder(userId: string): Promise<void> {
  const { orders } = await shop.order.listOrders({ userId });
  assert.equal(orders.length, 1);
}
