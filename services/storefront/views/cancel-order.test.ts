import assert from "node:assert/strict";
import { test } from "node:test";
import type { Order } from "#gen/rest/types.ts";
import type { Look } from "../look.ts";
import { english } from "../testing/english.ts";
import { cancelOrderView } from "./cancel-order.ts";

const look = { words: english } as Look;
const usd = (amount: string) => ({ amount, currencyCode: "USD" });

test("before an order is cancelled it is said what comes back: what has not come back already", () => {
  const shown = (parts: Partial<Order>) =>
    cancelOrderView(look, {
      id: "1",
      orderNumber: "S-1",
      status: "processing",
      totalAmount: usd("45.00"),
      netAmount: usd("45.00"),
      payment: { brand: "visa", last4: "4242", status: "captured" },
      ...parts,
    } as Order).text;
  assert.match(shown({}), /\$45\.00 goes back to your card, Visa ending in 4242/);
  assert.match(shown({ netAmount: usd("40.00") }), /\$40\.00 goes back/);
  assert.match(shown({ netAmount: usd("0.00") }), /given back already/);
  assert.match(shown({ payment: null }), /\$45\.00 goes back to the way you paid/);
  assert.match(shown({ status: "pending" }), /Nothing has been charged/);
});
