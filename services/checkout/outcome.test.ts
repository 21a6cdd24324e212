import assert from "node:assert/strict";
import { it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { OrderSchema } from "#gen/stoa/order/v1/order_pb.js";
import { AppError, appError } from "#platform/kit/errors.ts";
import { answerOf, orderOutcome, refusalOutcome } from "./outcome.ts";

it("an order read back is byte for byte the order that was answered first", () => {
  const order = create(OrderSchema, {
    id: "0190",
    items: [{ id: "1", quantity: 2, price: { currencyCode: "USD", minor: 9007199254740993n } }],
    createdAt: timestampFromDate(new Date("2026-11-20T10:00:00.123Z")),
  });
  const stored = JSON.parse(JSON.stringify(orderOutcome(order)));
  assert.deepEqual(toBinary(OrderSchema, answerOf(stored)), toBinary(OrderSchema, order));
});

it("a refusal read back has the same kind, reason, text, details and the request id of its first answer", () => {
  const first = appError("payment_required", "CARD_DECLINED", {
    publicMessage: "The card was declined.",
    details: { brand: "visa" },
    cause: new Error("4000000000000002"),
  });
  const stored = JSON.parse(JSON.stringify(refusalOutcome(first, "req-1")));
  assert.doesNotMatch(JSON.stringify(stored), /4000000000000002/);
  assert.throws(
    () => answerOf(stored),
    (error) =>
      error instanceof AppError &&
      error.kind === "payment_required" &&
      error.reason === "CARD_DECLINED" &&
      error.publicMessage === "The card was declined." &&
      error.details["requestId"] === "req-1" &&
      error.details["brand"] === "visa",
  );
});
