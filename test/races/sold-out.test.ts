// A rush on few units: who loses the race for the stock learns it at once, and costs little.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isReason } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { SimulatedNetwork } from "#platform/rpc/local.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { setStock } from "../lab/stock.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";

/** Holds calls of one method back until it is opened. */
function createGate(method: string) {
  const opened = Promise.withResolvers<void>();
  const gate = { isShut: false, waiting: 0, open: opened.resolve };
  const carry: SimulatedNetwork = async (route, send) => {
    if (gate.isShut && route.method.name === method) {
      gate.waiting += 1;
      await opened.promise;
    }
    return await send();
  };
  return Object.assign(gate, { carry });
}

describe("a lost race for the stock", async () => {
  const gate = createGate("ReserveStock");
  // A busy machine may hold a buyer back for longer than a step or a call has: neither is what is tried here.
  const shop = await openBackEnd({ network: gate.carry, environment: { CHECKOUT_STEP_SECONDS: "60" } });

  it("is undone in the catalogue alone: nobody else was asked for anything", async () => {
    const { productId } = await setStock(shop.database("catalog"), "OLJCESPC7Z", 1);
    const buyers = Array.from({ length: 4 }, () => newRandomId());
    gate.isShut = true;
    const answers = buyers.map((userId) =>
      shop.checkout.placeOrder(orderRequest({ userId, items: [{ productId, quantity: 1 }] }), {
        timeoutMs: 60_000,
      }),
    );
    const settled = Promise.allSettled(answers);
    await eventually("all four have begun", () => gate.waiting === 4);
    gate.open();
    const refusals = (await settled).filter((answer) => answer.status === "rejected");
    assert.equal(refusals.length, 3);
    for (const { reason } of refusals) {
      assert.ok(isReason(reason, "STOCK_INSUFFICIENT"));
      const [line] = reason.details["lines"] as { name: string; requested: number; available: number }[];
      assert.deepEqual([line?.requested, line?.available], [1, 0]);
      assert.match(line?.name ?? "", /Sunglasses/);
      assert.ok(reason.publicMessage.includes(`“${line?.name}”`));
    }
    const refused = (
      await shop
        .database("checkout")
        .rows<{ id: string; paymentId: string }>(
          `select id, payment_id as "paymentId" from checkouts where user_id = any($1::uuid[]) and status = 'refused'`,
          [buyers],
        )
    ).map(({ id, paymentId }) => [id, paymentId]);
    assert.equal(refused.length, 3);
    const bars = await shop
      .database("catalog")
      .rows("select 1 from stock_reservations where id = any($1) and status = 'released'", [
        refused.map(([id]) => id),
      ]);
    assert.equal(bars.length, 3);
    for (const [service, question] of [
      ["payment", "select 1 from payments where id = any($1::uuid[])"],
      ["shipping", "select 1 from shipments where order_id = any($1::uuid[])"],
      ["order", "select 1 from orders where id = any($1::uuid[])"],
    ] as const)
      assert.deepEqual(await shop.database(service).rows(question, [refused.flat()]), [], service);
    await shop.mustBeSound();
  });
});

describe("orders that wait for their turn", async () => {
  const gate = createGate("Authorize");
  const shop = await openBackEnd({ network: gate.carry, environment: { CHECKOUT_PARALLEL_MAX: "1" } });

  it("hold their stock, and whoever comes too late does not wait for them", async () => {
    const { productId } = await setStock(shop.database("catalog"), "OLJCESPC7Z", 2);
    const place = () =>
      shop.checkout.placeOrder(orderRequest({ userId: newRandomId(), items: [{ productId, quantity: 1 }] }));
    gate.isShut = true;
    const first = place();
    await eventually("the first order waits for its money", () => gate.waiting === 1);
    const second = place();
    await eventually("the second order holds its stock", async () => {
      const held = await shop
        .database("catalog")
        .rows("select 1 from stock_reservations where status = 'held'");
      return held.length === 2;
    });
    await assert.rejects(place(), (error) => isReason(error, "STOCK_INSUFFICIENT"));
    assert.equal(gate.waiting, 1);
    gate.open();
    for (const { order } of await Promise.all([first, second])) assert.equal(order?.status, "processing");
    await shop.mustBeSound();
  });
});
