import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { appError, isReason, type ErrorKind } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import { neighbourUnavailable } from "#platform/rpc/status.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

type Send = Parameters<SimulatedNetwork>[1];

/** What becomes of a call, by name of the RPC. */
const fates = new Map<string, (send: Send) => ReturnType<Send>>();
const network: SimulatedNetwork = async ({ method }, send) =>
  await (fates.get(method.name)?.(send) ?? send());
const shop = await openBackEnd({ network });
beforeEach(() => fates.clear());

async function buyerWithCart(): Promise<string> {
  const userId = newRandomId();
  await shop.cart.addItem({ userId, productId: "6E92ZMYYFZ", quantity: 1 });
  return userId;
}

/** The order stands in every book: live, paid, its parcel not called back. */
async function assertStands(orderId: string): Promise<void> {
  const { order } = await shop.order.getOrder({ id: orderId });
  assert.equal(order?.status, "processing");
  const payment = await shop
    .database("payment")
    .row<{ status: string }>("select status from payments where order_id = $1", [orderId]);
  assert.equal(payment?.status, "captured");
  const parcel = await shop
    .database("shipping")
    .row<{ status: string }>("select status from shipments where order_id = $1", [orderId]);
  assert.notEqual(parcel?.status ?? "cancelled", "cancelled");
}

for (const kind of [
  "forbidden",
  "conflict",
  "precondition",
  "not_found",
  "unavailable",
] satisfies ErrorKind[]) {
  it(`a cart that refuses with ${kind} after the order was confirmed takes nothing back`, async () => {
    fates.set("ConsumeCart", () => Promise.reject(appError(kind, "CART_SAYS_NO")));
    const userId = await buyerWithCart();
    const { order } = await shop.checkout.placeOrder(orderRequest({ userId }), { timeoutMs: 30_000 });
    assert.ok(order);
    await assertStands(order.id);
    const bought = async () => (await shop.cart.getCart({ userId })).cart?.items.length;
    assert.equal(await bought(), 1);
    fates.clear();
    await shop.database("checkout").run("update tasks set next_attempt_at = now() where name = 'empty-cart'");
    await eventually("what was bought left the cart", async () => (await bought()) === 0);
    await shop.mustBeSound();
    await assertStands(order.id);
  });
}

it("a worker that resumes after the confirmation and is refused a step does not undo the order", async () => {
  const userId = await buyerWithCart();
  // The answers to the confirmation are lost, and whoever takes the checkout up is refused the parcel.
  let confirmations = 0;
  fates.set("ConfirmOrder", async (send) => {
    confirmations += 1;
    await send();
    throw appError("unavailable", neighbourUnavailable);
  });
  let parcels = 0;
  fates.set("CreateShipment", async (send) => {
    parcels += 1;
    return parcels === 1 ? await send() : await Promise.reject(appError("conflict", "PARCEL_SAYS_NO"));
  });
  const placing = shop.checkout.placeOrder(orderRequest({ userId, idempotencyKey: "resumed" }), {
    timeoutMs: 30_000,
  });
  await placing.catch((error: unknown) => assert.ok(isReason(error, "CHECKOUT_UNRESOLVED"), String(error)));
  await eventually("the checkout has ended", async () => {
    const rows = await shop
      .database("checkout")
      .rows("select 1 from checkouts where user_id = $1 and status = 'completed'", [userId]);
    return rows.length === 1;
  });
  assert.equal(confirmations, 3);
  assert.equal(parcels, 2);
  const { order } = await shop.checkout.placeOrder(orderRequest({ userId, idempotencyKey: "resumed" }));
  assert.ok(order);
  await assertStands(order.id);
  await shop.mustBeSound();
});
