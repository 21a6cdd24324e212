import assert from "node:assert/strict";
import { test } from "node:test";
import type { Order } from "#gen/rest/types.ts";
import { loadWords } from "../context.ts";
import { orderView } from "./order.ts";

const usd = (amount: string) => ({ amount, currencyCode: "USD" });

async function pageOf(
  changes: { status?: string; payment?: object | null; net?: string },
  canGiveBack = false,
): Promise<string> {
  const {
    status = "processing",
    payment = { brand: "visa", last4: "4242", status: "captured" },
    net = "50.00",
  } = changes;
  const order = {
    id: "0",
    orderNumber: "A-1",
    status,
    email: "ada@example.com",
    createdAt: "2030-01-01T00:00:00Z",
    shippingAddress: {
      fullName: "Ada",
      line1: "1 Way",
      city: "New York",
      region: "NY",
      postalCode: "10001",
      country: "US",
    },
    shippingMethod: null,
    trackingNumber: null,
    items: [],
    history: [],
    payment,
    subtotal: usd("50.00"),
    discount: usd("0.00"),
    shippingCost: usd("0.00"),
    tax: usd("0.00"),
    totalAmount: usd("50.00"),
    refundedAmount: usd("0.00"),
    netAmount: usd(net),
  } as unknown as Order;
  const words = await loadWords("en-US", []);
  const refund = { refundId: "1", amount: "", reason: "" };
  return orderView(words, { order, tracking: undefined, refunds: [], refund, canGiveBack }).text;
}

test("where the payment service cannot give money back, the page says so before a cancel, and after it how much is not back", async () => {
  assert.match(
    await pageOf({}),
    /role="alert">The payment service belongs to others[^<]*gives \$50\.00 back there by hand/,
  );
  assert.match(await pageOf({ status: "cancelled" }), /role="alert">Cancelled, but \$50\.00 is not back/);
  for (const quiet of [
    pageOf({}, true),
    pageOf({ status: "cancelled" }, true),
    pageOf({ status: "delivered" }),
    pageOf({ status: "cancelled", payment: null }),
    pageOf({ status: "cancelled", net: "0.00" }),
  ])
    assert.doesNotMatch(await quiet, /role="alert"/);
});
