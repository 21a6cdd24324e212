import assert from "node:assert/strict";
import { test } from "node:test";
import { legalMoves, orderStatuses, parseOrderNumber, sourcesOf, type OrderStatus } from "./order.ts";

const legal = new Set([
  "pending processing",
  "pending cancelled",
  "processing shipped",
  "processing cancelled",
  "shipped delivered",
]);

test("of all pairs of statuses exactly five are moves", () => {
  for (const from of orderStatuses) {
    for (const to of orderStatuses) {
      assert.equal(legalMoves(from).includes(to), legal.has(`${from} ${to}`), `${from} to ${to}`);
      assert.equal(sourcesOf(to).includes(from), legal.has(`${from} ${to}`), `${to} from ${from}`);
    }
  }
});

test("delivered and cancelled are final", () => {
  const finals = orderStatuses.filter((status: OrderStatus) => legalMoves(status).length === 0);
  assert.deepEqual(finals, ["delivered", "cancelled"]);
});

test("an order number is read in any casing, and letters that look like digits as the digits", () => {
  assert.equal(parseOrderNumber("s-0iloqrstvw"), "S-0110QRSTVW");
  for (const text of ["", "S-123", "S-123456789U", "1234567890", "S-12345678901"])
    assert.equal(parseOrderNumber(text), undefined);
});
