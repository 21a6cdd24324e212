import assert from "node:assert/strict";
import { it } from "node:test";
import { toAppError } from "#platform/kit/errors.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { cards } from "../lab/buyer.ts";
import { openBackEnd, orderRequest } from "../lab/whole-shop.ts";
import { setStock, stockState } from "../lab/stock.ts";

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly orderId?: string;
  readonly orderNumber?: string;
  readonly amount?: string;
  readonly reason?: string;
  readonly traceId?: string;
}

const lines: string[] = [];
const log = createLogger({ level: "info", format: "json" }, (line) => lines.push(line));
const shop = await openBackEnd({ log });

/** What a merchant reads about orders; everything else that was said comes beside it. */
function saidOfOrders(): Line[] {
  return lines
    .map((line) => JSON.parse(line) as Line)
    .filter(({ msg }) => /order (was|of)|of an order/.test(msg));
}

const rounds = 20;

async function placed(): Promise<{ id: string; productId: string }> {
  const { productId } = await setStock(shop.database("catalog"), "0PUK6V6EV0", 5);
  const { order } = await shop.checkout.placeOrder(
    orderRequest({ userId: newRandomId(), items: [{ productId, quantity: 2 }] }),
  );
  return { id: order?.id ?? assert.fail("no order"), productId };
}

it("cancel against ship: exactly one wins, and stock and money follow the winner", async () => {
  for (let round = 0; round < rounds; round += 1) {
    const { id, productId } = await placed();
    const results = await Promise.allSettled([
      shop.order.updateStatus({ orderId: id, status: "cancelled" }),
      shop.order.updateStatus({ orderId: id, status: "shipped" }),
    ]);
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    const { order } = await shop.order.getOrder({ id });
    const { onHand } = await stockState(shop.database("catalog"), productId);
    assert.equal(onHand, order?.status === "cancelled" ? 5 : 3);
  }
  await shop.mustBeSound();
});

it("ten cancels at once return stock and money once", async () => {
  const { id, productId } = await placed();
  const cancel = () => shop.order.updateStatus({ orderId: id, status: "cancelled" });
  await Promise.allSettled(Array.from({ length: 10 }, cancel));
  await shop.mustBeSound();
  assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: 5, reserved: 0 });
});

it("stock is back when the cancel answers", async () => {
  const { id, productId } = await placed();
  await shop.order.updateStatus({ orderId: id, status: "cancelled" });
  assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: 5, reserved: 0 });
});

it("fifty refunds at once never give back more than was captured", async () => {
  const { id } = await placed();
  const { order } = await shop.order.getOrder({ id });
  const total = order?.totalAmount?.minor ?? 0n;
  const amount = { currencyCode: "USD", minor: total / 10n };
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) =>
      shop.order.refundOrder(
        { orderId: id, refundId: `r${index}`, amount, reason: "race" },
        { timeoutMs: 30_000 },
      ),
    ),
  );
  const done = results.filter(({ status }) => status === "fulfilled").length;
  const refusals = results.flatMap((result) =>
    result.status === "rejected" ? [toAppError(result.reason).reason] : [],
  );
  assert.equal(done, 10);
  assert.ok(refusals.every((reason) => reason === "REFUND_EXCEEDS_CAPTURED"));
  await shop.mustBeSound();
});

it("a full refund races with a cancel: the money goes back once", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id } = await placed();
    await Promise.allSettled([
      shop.order.refundOrder({ orderId: id, refundId: "full", full: true, reason: "race" }),
      shop.order.updateStatus({ orderId: id, status: "cancelled" }),
    ]);
  }
  await shop.mustBeSound();
});

it("a reservation that expires while the payment goes on is taken again or undone, never silently sold", async () => {
  const { productId } = await setStock(shop.database("catalog"), "9SIQT8TOJO", 1);
  const reservationId = newRandomId();
  await shop.catalog.reserveStock({
    reservationId,
    lines: [{ variantId: productId, quantity: 1n }],
    ttlSeconds: 1,
  });
  const [expired] = await Promise.all([
    shop
      .database("catalog")
      .run("update stock_reservations set expires_at = now() - interval '1 second' where id = $1", [
        reservationId,
      ]),
    shop.database("catalog").run("select expire_reservations(10)"),
  ]);
  assert.equal(expired, 1);
  const rival = newRandomId();
  await shop.database("catalog").run("select expire_reservations(10)");
  await shop.catalog.reserveStock({ reservationId: rival, lines: [{ variantId: productId, quantity: 1n }] });
  const refusal = await shop.catalog.commitReservation({ reservationId }).catch((error: unknown) => error);
  assert.equal(toAppError(refusal).reason, "STOCK_INSUFFICIENT");
  await shop.catalog.releaseReservation({ reservationId: rival, reason: "test" });
  await shop.catalog.commitReservation({ reservationId });
  assert.deepEqual(await stockState(shop.database("catalog"), productId), { onHand: 0, reserved: 0 });
});

it("the log says once, at info, what became of each order, and nothing of the person", async () => {
  lines.length = 0;
  const first = await placed();
  const amount = { currencyCode: "USD", minor: 150n };
  const wish = { orderId: first.id, refundId: "once", amount };
  await Promise.allSettled(Array.from({ length: 5 }, () => shop.order.refundOrder(wish)));
  await Promise.allSettled(
    Array.from({ length: 5 }, () => shop.order.updateStatus({ orderId: first.id, status: "cancelled" })),
  );
  for (const [number, idempotencyKey] of [
    [cards.declined, "declined"],
    [cards.declined, "declined"],
    [cards.providerFails, "away"],
  ] as const) {
    const card = { number, expiryMonth: 12, expiryYear: 2035, cvc: "123" };
    const items = [{ productId: first.productId, quantity: 1 }];
    const userId = "0190a000-0000-4000-8000-000000000001";
    await assert.rejects(shop.checkout.placeOrder(orderRequest({ userId, items, card, idempotencyKey })));
  }
  const { order } = await shop.order.getOrder({ id: first.id });
  const said = saidOfOrders();
  assert.deepEqual(
    said.map(({ level, msg, amount: sum, reason }) => [level, msg, sum, reason]),
    [
      ["info", "An order was paid.", said[0]?.amount, undefined],
      ["info", "An order was placed.", said[0]?.amount, undefined],
      ["info", "Money of an order was given back.", "1.50 USD", undefined],
      ["info", "An order was cancelled.", said[0]?.amount, undefined],
      ["info", "An order was refused.", said[4]?.amount, "CARD_DECLINED"],
      ["info", "An order was refused.", said[5]?.amount, "PAYMENT_UNAVAILABLE"],
    ],
  );
  assert.ok(said.every(({ traceId, amount: sum }) => /^[0-9a-f]{32}$/.test(traceId ?? "") && sum));
  assert.deepEqual(
    said.slice(0, 4).map(({ orderId, orderNumber }) => [orderId, orderNumber]),
    Array.from({ length: 4 }, () => [first.id, order?.orderNumber]),
  );
  assert.ok(said.slice(3).every(({ orderNumber }) => orderNumber?.startsWith("S-")));
  assert.doesNotMatch(lines.join(""), /ada@example|Lovelace|Analytical/);
});
