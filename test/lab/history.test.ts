import assert from "node:assert/strict";
import { it } from "node:test";
import type { Answer, Attempt } from "./buyer.ts";
import { compareHistory } from "./history.ts";

function attempt(userId: string, answer: Answer): Attempt {
  return { userId, key: "k", tries: 1, answer };
}
const acknowledged = (orderId: string): Answer => ({ kind: "acknowledged", orderId, orderNumber: "" });
const refused: Answer = { kind: "refused", reason: "CARD_DECLINED" };
const unknown: Answer = { kind: "unknown", reason: "DEADLINE_EXCEEDED" };
const order = (id: string, userId: string) => ({ id, userId, status: "processing" });

it("agrees when every promise was kept and nothing else happened", () => {
  const attempts = [attempt("a", acknowledged("1")), attempt("b", refused)];
  assert.deepEqual(compareHistory(attempts, [order("1", "a")]), []);
});

it("sees an acknowledged order that is lost", () => {
  assert.match(compareHistory([attempt("a", acknowledged("1"))], [])[0] ?? "", /acknowledged and is lost/);
});

it("sees an order whose buyer was refused", () => {
  assert.match(compareHistory([attempt("a", refused)], [order("1", "a")])[0] ?? "", /told otherwise/);
});

it("sees two orders for one purchase, also after an unknown answer", () => {
  const faults = compareHistory([attempt("a", unknown)], [order("1", "a"), order("2", "a")]);
  assert.match(faults[0] ?? "", /2 orders for one purchase/);
});

it("lets an unknown answer be either", () => {
  assert.deepEqual(compareHistory([attempt("a", unknown)], []), []);
  assert.deepEqual(compareHistory([attempt("a", unknown)], [order("1", "a")]), []);
});
