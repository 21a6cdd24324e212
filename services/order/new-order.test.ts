import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OrderSchema } from "#gen/stoa/order/v1/order_pb.js";
import { AppError } from "#platform/kit/errors.ts";
import { parseNewOrder } from "./new-order.ts";
import { newOrder, usd } from "./testing/open-orders.ts";

const right = newOrder();
const [mug, watch] = right.items;
assert.ok(mug && watch);

const faults: [path: string, change: object][] = [
  ["order.id", { id: "1" }],
  ["order.user_id", { userId: "someone" }],
  ["order.shipping_address", { shippingAddress: undefined }],
  ["order.payment.id", { payment: { id: "1" } }],
  ["order.items", { items: [], subtotal: usd(0n), totalAmount: usd(899n) }],
  ["order.subtotal", { subtotal: usd(12_798n), totalAmount: usd(13_697n) }],
  ["order.total_amount", { totalAmount: usd(13_695n) }],
  ["order.tax", { tax: { currencyCode: "EUR", minor: 0n } }],
  ["order.discount", { discount: usd(-1n), totalAmount: usd(13_697n) }],
  ["order.items[0].subtotal", { items: [{ ...mug, quantity: 1 }, watch] }],
  [
    "order.items[0].quantity",
    {
      items: [{ ...mug, quantity: 0, subtotal: usd(0n) }, watch],
      subtotal: usd(10_999n),
      totalAmount: usd(11_898n),
    },
  ],
  ["order.items[1].name", { items: [mug, { ...watch, name: "" }] }],
];

test("each wrong field is named", () => {
  for (const [path, change] of faults) {
    const message = create(OrderSchema, { ...right, ...change });
    assert.throws(
      () => parseNewOrder(message),
      (error) => error instanceof AppError && error.violations.some((violation) => violation.path === path),
      path,
    );
  }
});

test("a thousand order numbers are a thousand different ones", () => {
  const message = create(OrderSchema, right);
  const numbers = new Set(Array.from({ length: 1_000 }, () => parseNewOrder(message).orderNumber));
  assert.equal(numbers.size, 1_000);
  for (const number of numbers) assert.match(number, /^S-[0-9A-HJKMNP-TV-Z]{10}$/);
});
